// A progress bar on standard error, for who watches: when that is a terminal.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace ctl::report {

class Progress {
 public:
  // Of whatever: bytes, seconds, rows. The same twice: nobody knows how much there is.
  Progress(std::int64_t from, std::int64_t to);
  ~Progress();
  Progress(const Progress&) = delete;

  void at(std::int64_t now);  // redrawn a few times a second at most

 private:
  const std::int64_t from_, to_;
  const bool visible_;
  double drawn_ = 0;  // when, in seconds
  bool is_there_ = false;
};

}  // namespace ctl::report
