// The back-test: it judges as the daemon does, from what the audit line tells.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/backtest.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <cstdlib>
#include <fstream>

#include "cached/base/text.h"
#include "cached/ctl/report/countries.h"
#include "cached/ctl/report/reader.h"

namespace {

using namespace ctl::report;

constexpr Seconds day = 86400;
constexpr Seconds begin = 20000 * day;  // 2024-10-04
constexpr Span span{begin, begin + 30 * day, Calendar::Unit::day};

// A list of that type, in a file of its own.
std::shared_ptr<const rules::List> list_of(const char* type, const std::string& text) {
  char path[] = "/tmp/checkpass-backtest.XXXXXX";
  const int fd = mkstemp(path);
  REQUIRE(fd >= 0);
  close(fd);
  std::ofstream(path) << text;
  rules::ListSettings settings;
  settings.type = rules::find_list_type(type);
  settings.path = path;
  settings.on_unknown = rules::OnUnknown::later;
  const auto list = rules::List::load(settings);
  unlink(path);
  REQUIRE(list);
  return *list;
}

// An attempt from Frankfurt, with that result, so many days after the beginning.
Event attempt(int days, std::string_view user, std::string_view end = "result=permit") {
  Reader reader(begin);
  auto event = reader.read(base::cat(
      "mail-audit: user=<", user,
      ">, service=imap, ip=139.162.133.252, host=<>, asn=AS63949, "
      "as_cc=None, as_desc=<None>, as_org=<Akamai Connected Cloud>, net_name=<None>, net_cc=None, "
      "entity=, city=<2925533/Frankfurt am Main>, country=<2921044/Germany>, "
      "represented_country=<None/None>, registered_country=<2750405/The Netherlands>, "
      "lat=50.1188, lon=8.6843, rad=20km, ",
      end));
  REQUIRE(event);
  event->user = user;
  event->time = begin + days * day + 3600;
  return *event;
}

const Table& table(const Sheet& sheet, std::string_view id) {
  for (const Table& one : sheet.tables)
    if (one.id == id) return one;
  FAIL("no such table");
  return sheet.tables.front();
}

// Logins, users, passwords, days, could not tell, refused anyway, wrong passwords.
std::vector<std::int64_t> numbers(
    const char* type, const std::string& text, const std::vector<Event>& events,
    const std::vector<std::shared_ptr<const rules::List>>& front = {}) {
  Backtest test(span, {list_of(type, text)}, front);
  for (const Event& event : events) test.add(event);
  const auto sheet = test.sheet();
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < 7; i++) all.push_back(table(sheet, "lists").rows[0][i].number);
  return all;
}

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("whom a list would have refused is counted by users, passwords and days") {
  const std::vector<Event> events = {
      attempt(1, "a", "pwid=1, comment=<phone>, result=permit"),
      attempt(1, "a", "pwid=2, comment=<tablet>, result=permit"),
      attempt(3, "a", "pwid=1, comment=<phone>, result=permit"),
      attempt(3, "b", "result=permit"),
      attempt(4, "c", "blocked=True, matched=ip_net, result=deny, reason=<on the list ip>"),
      attempt(5, "d", "result=deny, reason=<wrong password>"),
      attempt(31, "e"),
      attempt(-1, "f")};
  CHECK(numbers("as_numbers", "AS1\nAS63949 # reason=hosting\n", events) ==
        Numbers{4, 2, 2, 2, 0, 1, 1});
  Backtest test(span, {list_of("as_numbers", "AS1\nAS63949 # reason=hosting\n")}, {});
  for (const Event& event : events) test.add(event);
  const auto sheet = test.sheet();
  const auto& rule = table(sheet, "rules").rows.at(0);
  CHECK(rule[2].text.ends_with(":2"));
  CHECK(rule[3].text == "hosting");
  const auto& hits = table(sheet, "refused").rows;
  CHECK(hits.size() == 3);
  CHECK(hits[0][2].text == "a");
  CHECK(hits[0][3].text == "1");
  CHECK(hits[0][1].number == 2);
  CHECK(sheet.figures[0].number == 4);
}

TEST_CASE("each fact that the line has is judged") {
  const std::vector<Event> one = {attempt(1, "a")};
  const Numbers hit{1, 1, 0, 1, 0, 0, 0};
  CHECK(numbers("ip_networks", "139.162.0.0/16", one) == hit);
  CHECK(numbers("reverse_hostname", "<>", one) == hit);
  CHECK(numbers("as_org", "Akamai.*", one) == hit);
  CHECK(numbers("as_names", "Akamai.*", one) == hit);
  CHECK(numbers("geo_location_ids", "2750405", one) == hit);
  CHECK(numbers("coordinates", "50.1, 8.7, 50, 1", one) == hit);
  CHECK(numbers("ip_networks", "10.0.0.0/8", one) == Numbers{0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("a fact that the history does not have is not known, and is no no") {
  const std::vector<Event> one = {attempt(1, "a"), attempt(1, "a", "result=deny, reason=<x>")};
  const Numbers unknown{0, 0, 0, 0, 1, 0, 0};
  CHECK(numbers("network_name", "X", one) == unknown);
  CHECK(numbers("network_cc", "None", one) == unknown);
  CHECK(numbers("entities", "X", one) == unknown);
  CHECK(numbers("as_names", "Telekom", one) == unknown);
  CHECK(numbers("geo_countries", "FR", one) == unknown);
}

TEST_CASE("codes of countries are learned from who has both, and never guessed") {
  Event coded = attempt(1, "a"), plain = attempt(1, "b"), other = attempt(1, "c");
  auto geo = *coded.facts.geo.find();
  geo.country.code = "DE";
  coded.facts.geo = geo;
  geo.country = {3017382, "France", {}};
  other.facts.geo = geo;
  CountryCodes codes(nullptr);
  codes.complete(plain);
  CHECK(plain.facts.geo.find()->country.code.empty());
  codes.complete(coded);
  codes.complete(plain);
  codes.complete(other);
  CHECK(plain.facts.geo.find()->country.code == "DE");
  CHECK(other.facts.geo.find()->country.code.empty());
  CHECK(numbers("geo_countries", "DE", {plain, other}) == Numbers{1, 1, 0, 1, 1, 0, 0});
}

TEST_CASE("codes of countries are found in the database of places") {
  const auto city = facts::open_mmdb("build/mmdb/city.mmdb", nullptr);
  REQUIRE(city);
  CountryCodes codes(*city);
  Event event = attempt(1, "a"), elsewhere = attempt(1, "b");
  auto geo = *elsewhere.facts.geo.find();
  geo.country = {3017382, "France", {}};
  elsewhere.facts.geo = geo;
  codes.complete(elsewhere);  // the database has moved it since
  CHECK(elsewhere.facts.geo.find()->country.code.empty());
  codes.complete(event);
  CHECK(event.facts.geo.find()->country.code == "DE");
}

TEST_CASE("who is on an exception is let in, and rules that are over refuse nobody") {
  const std::vector<Event> one = {attempt(1, "a")};
  const auto allowed = list_of("allow_networks", "139.162.133.252");
  CHECK(numbers("as_numbers", "AS63949", one, {allowed})[0] == 0);
  CHECK(numbers("as_numbers", "AS63949 # until=2024-10-10", one)[0] == 0);
  CHECK(numbers("as_numbers", "AS63949 # until=2024-12-01", one)[0] == 1);
}

TEST_CASE("private addresses are never refused, as they are not by the daemon") {
  auto event = attempt(1, "a");
  event.ip = "192.168.1.1";
  finish(event);
  CHECK(numbers("ip_networks", "192.168.0.0/16", {event})[0] == 0);
}
