// What the report counts: places, journeys, what is new, within bounds.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/summary.h"

#include <doctest/doctest.h>
#include <ctime>

#include "cached/base/text.h"
#include "cached/ctl/report/tables.h"

namespace {

using namespace ctl::report;

constexpr Seconds day = 86400;
constexpr Span span{1000 * day, 1001 * day};

struct At {
  const char* city;
  const char* country;
  double latitude, longitude;
  std::uint32_t radius, system;
  const char* ip;
};
constexpr At berlin{"Berlin", "Germany", 52.52, 13.40, 20, 3320, "192.0.2.1"};
constexpr At sydney{"Sydney", "Australia", -33.87, 151.21, 50, 1221, "198.51.100.1"};
constexpr At potsdam{"Potsdam", "Germany", 52.39, 13.06, 5, 3320, "192.0.2.9"};
constexpr At kansas{"", "United States", 37.75, -97.82, 1000, 15169, "203.0.113.7"};

Event login(const char* user, const At& at, Seconds time, Outcome outcome = Outcome::let_in) {
  Event event;
  event.user = user;
  event.service = "imap";
  event.ip = at.ip;
  event.time = time;
  facts::Geo geo;
  geo.city.name = at.city;
  geo.country.name = at.country;
  geo.position = facts::Position{at.latitude, at.longitude, at.radius, {}};
  finish(event);
  event.facts.is_private = false;  // addresses of documentation are
  event.facts.geo = geo;
  event.facts.as_numbers = std::vector<std::uint32_t>{at.system};
  event.outcome = outcome;
  return event;
}

Summary counted(const std::vector<Event>& events, Limits limits = {}) {
  static const Known nothing;
  Summary summary(span, nothing, limits);
  for (const Event& event : events) summary.add(event);
  return summary;
}

// While it lives, local time is that of the zone.
struct Zone {
  explicit Zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    unsetenv("TZ");
    tzset();
  }
};

const Seconds noon = span.since + day / 2;

}  // namespace

TEST_CASE("two places too far apart for the time between are an impossible journey") {
  const auto summary = counted({login("a", berlin, noon), login("a", sydney, noon + 3600)});
  REQUIRE(summary.journeys.size() == 1);
  const Journey& journey = *summary.journeys.sorted().front().second;
  CHECK(journey.user == "a");
  CHECK(journey.from.place == "Berlin, Germany");
  CHECK(journey.to.place == "Sydney, Australia");
  CHECK(journey.distance == doctest::Approx(16089 - 70).epsilon(0.01));
  CHECK(journey.speed == doctest::Approx(journey.distance));
}

TEST_CASE("a day is enough for any journey, and one user's place is not another's") {
  CHECK(counted({login("a", berlin, noon), login("a", sydney, noon + 11 * 3600)}).journeys.size());
  CHECK(counted({login("a", berlin, noon - 12 * 3600), login("a", sydney, noon + 11 * 3600)})
            .journeys.size() == 0);
  CHECK(counted({login("a", berlin, noon), login("b", sydney, noon)}).journeys.size() == 0);
}

TEST_CASE("the accuracy of both places is taken off, and neighbours are no journey") {
  CHECK(counted({login("a", berlin, noon), login("a", potsdam, noon)}).journeys.size() == 0);
  At vague = sydney;
  vague.radius = 16000;
  CHECK(counted({login("a", berlin, noon), login("a", vague, noon)}).journeys.size() == 0);
  CHECK(counted({login("a", berlin, noon), login("a", kansas, noon)}).journeys.size() == 1);
}

TEST_CASE("the limit of speed is an option, and only right passwords travel") {
  Limits rocket;
  rocket.speed = 20000;
  const std::vector<Event> events{login("a", berlin, noon), login("a", sydney, noon + 3600)};
  CHECK(counted(events, rocket).journeys.size() == 0);
  CHECK(counted({events[0], login("a", sydney, noon, Outcome::failed)}).journeys.size() == 0);
  CHECK(counted({events[0], login("a", sydney, noon, Outcome::refused)}).journeys.size() == 1);
}

TEST_CASE("there and back again is one row with its count, lines in any order") {
  const auto summary = counted({login("a", sydney, noon + 60), login("a", berlin, noon),
                                login("a", sydney, noon + 120), login("a", berlin, noon + 180)});
  CHECK(summary.journeys.size() == 1);
  CHECK(summary.journeys.sorted().front().second->count == 3);
}

TEST_CASE("a country and a network are new when the user had others before") {
  const auto summary = counted({login("a", berlin, span.since - 5 * day), login("a", berlin, noon),
                                login("a", sydney, noon + 1), login("a", sydney, noon + 2),
                                login("b", sydney, noon)});
  CHECK(summary.history == 1);
  CHECK(summary.news.size() == 2);
  for (const auto& [key, row] : summary.news.sorted()) {
    CHECK(row->user == "a");
    CHECK(row->count == 2);
    CHECK(row->first == noon + 1);
    CHECK(row->value == (row->kind == "country" ? "Australia" : "AS1221"));
  }
  CHECK(summary.new_users == std::set<std::string, std::less<>>{"b"});
}

TEST_CASE("what is before or after the time is not counted, and lines without a time are") {
  const auto summary = counted({login("a", berlin, span.since - 1), login("a", berlin, span.since),
                                login("a", berlin, span.until), login("a", berlin, 0)});
  CHECK(of(summary.counts, Outcome::let_in) == 2);
  CHECK(summary.without_time == 1);
  CHECK(summary.history == 1);
}

TEST_CASE("failures are counted by address and by network, with how many names were tried") {
  Event other = login("b", potsdam, noon, Outcome::failed);
  Event nameless = login("c", sydney, noon, Outcome::failed);
  nameless.facts.as_numbers = facts::Fact<std::vector<std::uint32_t>>();
  const auto summary = counted({login("a", berlin, noon, Outcome::failed), other, other, nameless});
  REQUIRE(summary.failing_networks.find("AS3320"));
  CHECK(summary.failing_networks.find("AS3320")->count == 3);
  CHECK(summary.failing_networks.find("AS3320")->users.size() == 2);
  CHECK(summary.failing_networks.find("198.51.100.0/24"));
  CHECK(summary.failing_addresses.find("192.0.2.9")->count == 2);
  CHECK(summary.addresses.size() == 0);
  CHECK(summary.users.size() == 0);
}

TEST_CASE("who a list refused is told with the rule") {
  Event event = login("a", berlin, noon, Outcome::refused);
  event.matched = "asn";
  event.rule = "/etc/checkpass/lists/asn.lst:3";
  const auto summary = counted({event, event});
  REQUIRE(summary.blocked.size() == 1);
  const Blocked& row = *summary.blocked.sorted().front().second;
  CHECK(row.count == 2);
  CHECK(row.value == "AS3320");
  CHECK(row.rule == "/etc/checkpass/lists/asn.lst:3");
  CHECK(summary.systems.find("AS3320")->refused == 2);
}

TEST_CASE("a flood of names does not take more memory than is given, and the frequent ones stay") {
  Tally<Plain> tally(100);
  for (int i = 0; i < 10'000; i++) {
    tally[base::cat("random", i)].count++;
    tally["regular"].count++;
  }
  CHECK(tally.size() <= 100);
  CHECK(tally.forgotten() > 9'000);
  REQUIRE(tally.find("regular"));
  CHECK(tally.find("regular")->count == 10'000);
  CHECK(tally.sorted().front().first == "regular");
}

TEST_CASE("known systems and hosts come after those that are not") {
  const auto known = parse_known(
      "KNOWN_GOOD_ASNS: [AS3320, 680]\nKNOWN_DNS_SUFF:\n  - T-IPConnect.de\n"
      "AS_COMMENTS:\n  - AS3320: home\n  - AS1221: {nested: ignored}\nOTHER: [AS1]\n",
      "known.yaml");
  REQUIRE(known);
  CHECK(known->has_system("AS680"));
  CHECK_FALSE(known->has_system("AS1"));
  CHECK(known->has_host("p4fd1.dip0.t-ipconnect.de"));
  CHECK(known->has_host("t-ipconnect.DE"));
  CHECK_FALSE(known->has_host("evil-t-ipconnect.de"));
  CHECK_FALSE(known->has_host(""));
  CHECK(known->comments.at("AS3320") == "home");
  CHECK(parse_known("AS_COMMENTS: {AS7: direct}", "x")->comments.at("AS7") == "direct");
  const auto broken = parse_known("KNOWN_GOOD_ASNS: [AS1\nb: }", "known.yaml");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().text.starts_with("known.yaml:2: "));
  CHECK(parse_known("", "empty.yaml"));
}

TEST_CASE("bars have no holes, and days are those of the zone, summer or not") {
  const Zone zone("Europe/Berlin");
  constexpr Seconds midnight = 1774566000;  // 2026-03-27 00:00 CET
  const Span span{midnight, midnight + 4 * day - 3600, Calendar::Unit::day};
  const auto bars = bars_of({{midnight + 2 * day, {7, 0, 0, 0}}}, span);
  REQUIRE(bars.size() == 4);
  for (const std::size_t n : {0, 1, 2}) CHECK(bars[n].start == midnight + Seconds(n) * day);
  CHECK(bars[2].counts[0] == 7);
  CHECK(bars[3].start == midnight + 3 * day - 3600);  // the clock was put forward on the 29th
}

TEST_CASE("ten years are bars of months") {
  constexpr Seconds begin = 1451606400;  // 2016
  const auto bars = bars_of({}, {begin, begin + 3653 * day, Calendar::Unit::month});
  CHECK(bars.size() == 120);
}

TEST_CASE("an event that stands for many attempts counts as so many") {
  auto failed = login("a", berlin, noon, Outcome::failed);
  failed.times = 60;
  const auto summary = counted({failed, login("a", berlin, noon)});
  CHECK(of(summary.counts, Outcome::failed) == 60);
  CHECK(summary.failing_addresses.find(berlin.ip)->count == 60);
  CHECK(summary.points.sorted().front().second->count == 61);
  CHECK(summary.bars.begin()->second[2] == 60);
}

TEST_CASE("attempts of many, of whom no name was kept, are nobody's journey and no user") {
  const auto summary = counted({login("", berlin, noon), login("", sydney, noon + 60),
                                login("", berlin, noon, Outcome::failed)});
  CHECK(summary.journeys.size() == 0);
  CHECK(summary.users.size() == 0);
  CHECK(summary.failing_addresses.find(berlin.ip)->users.empty());
}

TEST_CASE("who is let in from where many names are tried is told first") {
  std::vector<Event> events;
  for (const char* name : {"a", "b", "c", "d", "e"})
    events.push_back(login(name, sydney, noon, Outcome::failed));
  const auto rows = [&](const Known& known) {
    Summary summary(span, known);
    for (const Event& event : events) summary.add(event);
    return sheet_of(summary, known).tables[1].rows;
  };
  CHECK(rows({}).empty());
  events.push_back(login("c", sydney, noon));
  REQUIRE(rows({}).size() == 1);
  CHECK(rows({})[0][1].text == "c");
  CHECK(rows({})[0][2].number == 5);
  Known known;
  known.systems.insert("AS1221");
  CHECK(rows(known).empty());
}

TEST_CASE("a name cannot move the cursor of who reads the report") {
  Event event = login("\x1b[2Jroot\n", berlin, noon, Outcome::refused);
  const auto summary = counted({event});
  const auto text = write_text(sheet_of(summary, Known()));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\\x1b[2Jroot\\x0a") != std::string::npos);
  CHECK(write_json(sheet_of(summary, Known())).find('\x1b') == std::string::npos);
}
