// Times as text.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

namespace base {

// `2026-01-31 23:59:59.123`, UTC, as the log table keeps it in every database.
inline std::string utc_text(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto milliseconds =
      duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const auto size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03d", static_cast<int>(milliseconds % 1000));
  return text;
}

}  // namespace base
