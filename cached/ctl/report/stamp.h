// The time at the beginning of a line of a log: syslog's (Nov 21 04:06:34), or ISO 8601
// (2026-11-21T04:06:34.123+01:00).
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/ctl/report/event.h"

namespace ctl::report {

// Reads stamps one behind another, and remembers the last hour, as what mktime(3) does is slow.
class Stamps {
 public:
  explicit Stamps(Seconds now) : now_(now) {}  // a stamp without a year is of the year before it

  // Takes it off the front, with the blank behind it; 0: there is none, and the line is as it was.
  // Without a zone it is local time. Months are English or German.
  Seconds take(std::string_view& line);

 private:
  struct Moment;
  Seconds start_of_hour(std::string_view hour, const Moment& moment);

  const Seconds now_;
  std::string last_hour_;
  Seconds last_start_ = 0;
};

}  // namespace ctl::report
