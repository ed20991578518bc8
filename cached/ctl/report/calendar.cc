// See calendar.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/calendar.h"

#include <algorithm>
#include <ctime>

namespace ctl::report {

void Calendar::find(Seconds time) {
  if (start_ <= time && time < end_) return;
  const std::time_t seconds = time;
  std::tm first{};
  localtime_r(&seconds, &first);
  if (unit_ == Unit::hour) {
    start_ = time - first.tm_min * 60 - first.tm_sec;
    end_ = start_ + 3600;
    return;
  }
  first.tm_hour = first.tm_min = first.tm_sec = 0;
  first.tm_isdst = -1;
  if (unit_ == Unit::month) first.tm_mday = 1;
  std::tm next = first;
  (unit_ == Unit::month ? next.tm_mon : next.tm_mday)++;
  start_ = std::min<Seconds>(std::mktime(&first), time);  // a midnight that there is not
  end_ = std::max<Seconds>(std::mktime(&next), time + 1);
}

Seconds Calendar::start_of(Seconds time) {
  find(time);
  return start_;
}

Seconds Calendar::end_of(Seconds time) {
  find(time);
  return end_;
}

}  // namespace ctl::report
