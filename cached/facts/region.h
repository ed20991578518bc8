// Memory for what may become large and is looked up at random: it is taken from the system when it
// is first touched, and in huge pages where there are any.
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/mman.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory_resource>
#include <new>

#include "cached/base/check.h"

namespace facts {

inline constexpr std::size_t huge_page = 2 << 20;

// `size` things whose bytes are all 0 at first. It neither makes nor destroys any.
template <class T>
class Region {
 public:
  explicit Region(std::size_t size) : bytes_(size * sizeof(T) + huge_page) {
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    base::check(memory_ != MAP_FAILED, "mmap");
    const auto begin = reinterpret_cast<std::uintptr_t>(memory_);
    first_ = reinterpret_cast<T*>((begin + huge_page - 1) / huge_page * huge_page);
    madvise(first_, size * sizeof(T), MADV_HUGEPAGE);  // or else without
  }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  ~Region() { munmap(memory_, bytes_); }

  T& operator[](std::size_t at) const { return first_[at]; }

 private:
  const std::size_t bytes_;
  void* memory_;
  T* first_;
};

// For a pool, which takes ever larger pieces.
class HugePages final : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (bytes < huge_page) return ::operator new(bytes, std::align_val_t(alignment));
    const std::size_t whole = (bytes + huge_page - 1) / huge_page * huge_page;
    void* const memory = std::aligned_alloc(huge_page, whole);
    base::check(memory != nullptr, "aligned_alloc");
    madvise(memory, whole, MADV_HUGEPAGE);  // or else without
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    if (bytes < huge_page) return ::operator delete(memory, std::align_val_t(alignment));
    std::free(memory);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

}  // namespace facts
