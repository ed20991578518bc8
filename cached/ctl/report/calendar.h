// Hours, days and months of local time, also where summer time begins or ends: what bars and counts
// of days are about.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace ctl::report {

using Seconds = std::int64_t;  // since 1970, UTC

class Calendar {
 public:
  enum class Unit { hour, day, month };
  explicit Calendar(Unit unit) : unit_(unit) {}

  // When the unit that the time is in began, and when it ends. Quick for times in order.
  Seconds start_of(Seconds time);
  Seconds end_of(Seconds time);

 private:
  void find(Seconds time);

  const Unit unit_;
  Seconds start_ = 0, end_ = 0;  // of the one that was asked about last
};

}  // namespace ctl::report
