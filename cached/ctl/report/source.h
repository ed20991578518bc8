// Where the history comes from: a file, also a compressed one, standard input, or the journal. Line
// by line, whatever its size, with a progress bar for who watches.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cached/base/result.h"
#include "cached/ctl/report/event.h"

namespace ctl::report {

inline constexpr std::size_t longest_line = 1 << 20;  // longer ones are left out, and counted

// How far one has come, on standard error, when that is a terminal.
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  void show(double share);  // of the whole, from 0 to 1; redrawn a few times a second at most
  void clear();

 private:
  const bool visible_;
  double drawn_ = 0;  // when, in seconds
  bool is_there_ = false;
};

struct Source {
  std::string name;   // journal, - for standard input, or a file
  Seconds since = 0;  // what the journal is asked for
  Seconds until = 0;
};

// What became of it.
struct Taken {
  std::uint64_t lines = 0;
  std::uint64_t too_long = 0;
};

// Blocks until all of it is read. `line` is given each line, and returns the time it found in it,
// or 0: how far the journal has come.
base::Result<Taken> read_lines(const Source& source,
                               const std::function<Seconds(std::string_view)>& line);

}  // namespace ctl::report
