// See stamp.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/stamp.h"

#include <ctime>

#include "cached/base/text.h"

namespace ctl::report {

// As it stands there; year 0: it does not say.
struct Stamps::Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  bool has_zone = false;
  Seconds east = 0;  // of the zone
};

namespace {

// A number of two digits (day: or of a blank and one), in its limits; -1: it is none.
int two(std::string_view text, std::size_t at, int least, int most) {
  auto digits = at + 2 <= text.size() ? text.substr(at, 2) : std::string_view();
  if (digits.starts_with(' ')) digits.remove_prefix(1);
  const int number = base::parse_number<int>(digits).value_or(-1);
  return number >= least && number <= most ? number : -1;
}

// The length of the name of a month at the front, and which it is; 0: none.
std::size_t month_at(std::string_view line, int& month) {
  constexpr std::pair<std::string_view, int> names[] = {
      {"Jan", 1},  {"Feb", 2},  {"Mar", 3},  {"M\xc3\xa4r", 3}, {"Apr", 4}, {"May", 5},
      {"Mai", 5},  {"Jun", 6},  {"Jul", 7},  {"Aug", 8},        {"Sep", 9}, {"Oct", 10},
      {"Okt", 10}, {"Nov", 11}, {"Dec", 12}, {"Dez", 12}};
  for (const auto& [name, number] : names)
    if (line.starts_with(name)) {
      month = number;
      return name.size();
    }
  return 0;
}

// Of `04:06:34`.
bool read_clock(std::string_view text, int& hour, int& minute, int& second) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  hour = two(text, 0, 0, 23), minute = two(text, 3, 0, 59), second = two(text, 6, 0, 60);
  return hour >= 0 && minute >= 0 && second >= 0;
}

// Z, +0100 or +01:00 at the front: how long it is; 0: none.
std::size_t zone_at(std::string_view text, Seconds& east) {
  if (text.starts_with('Z')) return 1;
  if (!text.starts_with('+') && !text.starts_with('-')) return 0;
  const bool colon = text.size() > 3 && text[3] == ':';
  const int hours = two(text, 1, 0, 23), minutes = two(text, colon ? 4 : 3, 0, 59);
  if (hours < 0 || minutes < 0) return 0;
  east = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
  return colon ? 6 : 5;
}

}  // namespace

Seconds Stamps::start_of_hour(std::string_view hour, const Moment& moment) {
  if (hour == last_hour_) return last_start_;
  std::tm parts{};
  const auto count = [&](int year) {
    parts = {};
    parts.tm_year = year - 1900, parts.tm_mon = moment.month - 1, parts.tm_mday = moment.day;
    parts.tm_hour = moment.hour, parts.tm_isdst = -1;
    return moment.has_zone ? timegm(&parts) - moment.east : std::mktime(&parts);
  };
  constexpr Seconds day = 86400;
  if (moment.year) {
    last_start_ = count(moment.year);
  } else {
    const std::time_t now = now_;
    std::tm today{};
    localtime_r(&now, &today);
    last_start_ = count(today.tm_year + 1900);
    if (last_start_ > now_ + day) last_start_ = count(today.tm_year + 1899);
  }
  last_hour_ = hour;
  return last_start_;
}

Seconds Stamps::take(std::string_view& line) {
  Moment at;
  std::size_t end = 0;
  std::string hour;
  if (const auto name = month_at(line, at.month); name && line.size() >= name + 12) {
    at.day = two(line, name + 1, 1, 31);
    if (line[name] != ' ' || line[name + 3] != ' ' || at.day < 0) return 0;
    if (!read_clock(line.substr(name + 4), at.hour, at.minute, at.second)) return 0;
    end = name + 12;
    hour = line.substr(0, name + 6);
  } else if (line.size() >= 19 && line[4] == '-' && line[7] == '-' &&
             (line[10] == 'T' || line[10] == ' ')) {
    at.year = base::parse_number<int>(line.substr(0, 4)).value_or(0);
    at.month = two(line, 5, 1, 12), at.day = two(line, 8, 1, 31);
    if (at.year < 1970 || at.month < 0 || at.day < 0) return 0;
    if (!read_clock(line.substr(11), at.hour, at.minute, at.second)) return 0;
    end = 19;
    if (end < line.size() && (line[end] == '.' || line[end] == ','))
      end = std::min(line.find_first_not_of("0123456789", end + 1), line.size());
    const auto zone = zone_at(line.substr(end), at.east);
    at.has_zone = zone > 0;
    hour = base::cat(line.substr(0, 13), line.substr(end, zone));
    end += zone;
  }
  if (end == 0 || (end < line.size() && line[end] != ' ')) return 0;
  line.remove_prefix(std::min(end + 1, line.size()));
  return start_of_hour(hour, at) + at.minute * 60 + at.second;
}

}  // namespace ctl::report
