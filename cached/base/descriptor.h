// A file descriptor that is closed when its owner goes.
// SPDX-License-Identifier: MIT

#pragma once

#include <unistd.h>

#include <utility>

namespace base {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}  // negative: there is none
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace base
