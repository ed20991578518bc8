// Memory for a table that may become large: it is taken from the system when it is first touched,
// and in huge pages where there are any, as a table is looked up at random.
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/mman.h>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "cached/base/check.h"

namespace facts {

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
  static constexpr std::size_t huge_page = 2 << 20;

  const std::size_t bytes_;
  void* memory_;
  T* first_;
};

}  // namespace facts
