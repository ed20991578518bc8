// Secret: bytes that may be a password. On the heap, never copied by accident, wiped when it goes.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    if (size_) std::memcpy(bytes_.get(), bytes.data(), size_);
  }
  Secret(Secret&& other) noexcept { swap(other); }
  Secret& operator=(Secret&& other) noexcept {
    Secret(std::move(other)).swap(*this);
    return *this;
  }
  ~Secret() {
    if (size_) explicit_bzero(bytes_.get(), size_);
  }

  // For the function that must see it; never for a log, and never kept.
  std::string_view reveal() const { return {bytes_.get(), size_}; }

  // A copy with one more byte: a NUL, for C, or an LF.
  Secret with_ending(char ending) const {
    Secret copy;
    copy.bytes_.reset(new char[size_ + 1]);
    copy.size_ = size_ + 1;
    if (size_) std::memcpy(copy.bytes_.get(), bytes_.get(), size_);
    copy.bytes_[size_] = ending;
    return copy;
  }

 private:
  void swap(Secret& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace base
