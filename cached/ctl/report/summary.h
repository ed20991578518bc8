// What the report counts, from one event after another, in bounded memory. Pure.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cached/ctl/report/event.h"
#include "cached/ctl/report/known.h"
#include "cached/ctl/report/tally.h"

namespace ctl::report {

struct Span {
  Seconds since = 0, until = 0;  // what is reported
  Calendar::Unit bar = Calendar::Unit::hour;
};

struct Limits {
  double speed = 1000;          // km/h: an airliner, and a little
  double least_distance = 100;  // km, accuracy taken off; less is no travel
  std::size_t rows = 100'000;   // of a tally
  std::size_t users = 500'000;  // whose networks are remembered
  std::size_t networks = 200;   // of one user
};

using Counts = std::array<std::uint64_t, 4>;  // by Outcome
inline std::uint64_t of(const Counts& counts, Outcome outcome) {
  return counts[static_cast<std::size_t>(outcome)];
}

// The rows of the tallies. `count` is what they are sorted by.
struct Blocked {
  std::uint64_t count = 0;
  Seconds last = 0;
  std::string user, matched, value, rule, ip, place;
};
struct Where {  // an address, or an autonomous system
  std::uint64_t count = 0, refused = 0;
  std::string name;          // of the host, of the system
  std::string system, user;  // user: who was let in last
  bool known = false;
};
struct New {  // a country or network that a user had not had before
  std::uint64_t count = 0;
  Seconds first = 0;
  std::string user, kind, value, ip, name;
  std::uint64_t refused = 0;
};
struct Stop {  // of a journey
  Seconds time = 0;
  facts::Position position;
  std::string ip, place, name;
};
struct Journey {
  std::uint64_t count = 0;
  std::string user;
  Stop from, to;
  double distance = 0, speed = 0;  // km, km/h; the fastest
};
struct Failing {
  std::uint64_t count = 0;
  Seconds last = 0;
  std::string name;
  std::vector<std::uint32_t> users;  // hashes, sorted, up to a number
};
struct Trial {  // of a list in mode = log
  std::uint64_t count = 0;
  std::vector<std::uint32_t> users;
};
struct Point {  // on the map
  std::uint64_t count = 0;
  Counts counts{};
  double latitude = 0, longitude = 0;
  std::string place;
};
struct Plain {
  std::uint64_t count = 0;
  Counts counts{};
};

inline constexpr std::size_t most_counted_users = 200;  // of one source

class Summary {
 public:
  Summary(Span span, const Known& known, Limits limits = {});

  // Events before the span are what its users had had before.
  void add(const Event& event);

  const Span span;
  const Limits limits;
  Counts counts{};
  std::uint64_t without_time = 0;
  std::uint64_t history = 0;  // events before the span
  std::uint64_t users_not_remembered = 0;
  Tally<Blocked> blocked;
  Tally<Where> addresses, systems;
  Tally<New> news;
  Tally<Journey> journeys;
  Tally<Failing> failing_addresses, failing_networks;
  Tally<Trial> trials;
  Tally<Point> points;
  Tally<Plain> services, countries, users;
  std::map<Seconds, Counts> bars;                // by their starts
  std::set<std::string, std::less<>> new_users;  // nothing of them in the time before

 private:
  // What is remembered of one user.
  struct Past {
    std::set<std::uint32_t> countries, networks;  // numbers of names
    bool had_before = false;                      // events before the span
    Stop last;
  };

  void count_refusal(const Event& event);
  void count_place(const Event& event);
  void count_failure(const Event& event);
  void compare_with_past(const Event& event, bool reported);
  void note(const Event& event, std::set<std::uint32_t>& seen, bool had_before, bool reported,
            std::string_view kind, std::string_view value, std::string_view name);
  void travel(const Event& event, Past& past, bool reported);
  std::uint32_t number_of(std::string_view name);
  bool is_known(const Event& event) const;

  const Known& known_;
  Calendar calendar_;
  std::unordered_map<std::string, Past> past_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

// AS3320; empty: not known. The first of several.
std::string system_of(const Event& event);
// Its organisation, or the registry's name of it; empty: not known.
std::string system_name(const Event& event);
// Of the system; where that is not known, 192.0.2.0/24 or 2001:db8::/48.
std::string network_of(const Event& event);
// Frankfurt am Main, Germany; empty: not known.
std::string place_of(const Event& event);
std::string country_of(const Event& event);
// The first reverse name, <> for none; empty: not known.
std::string host_of(const Event& event);

// Counts it where it is on the map, if that is known.
void count_point(Tally<Point>& points, const Event& event, std::size_t series);

}  // namespace ctl::report
