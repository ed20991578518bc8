// See progress.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/progress.h"

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace ctl::report {

Progress::Progress(std::int64_t from, std::int64_t to)
    : from_(from), to_(to), visible_(from < to && isatty(STDERR_FILENO) == 1) {}

void Progress::at(std::int64_t now) {
  if (!visible_) return;
  using Clock = std::chrono::steady_clock;
  const double seconds = std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
  if (seconds - drawn_ < 0.2) return;
  drawn_ = seconds;
  is_there_ = true;
  constexpr int width = 40;
  const double share = static_cast<double>(now - from_) / static_cast<double>(to_ - from_);
  const int done = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  const std::string bar(static_cast<std::size_t>(done * width / 100), '#');
  std::fprintf(stderr, "\r[%-*s] %3d %%", width, bar.c_str(), done);
}

Progress::~Progress() {
  if (is_there_) std::fprintf(stderr, "\r\033[K");
}

}  // namespace ctl::report
