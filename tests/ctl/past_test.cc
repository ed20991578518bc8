// Rows of the database as events: what is from then, what is from now, and which rows are read.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/past.h"

#include <algorithm>

#include "cached/base/text.h"
#include "tests/stores/scratch.h"

namespace {

using namespace ctl::report;
using base::cat;
using stores::PastRow;

const char* const mmdb = "build/mmdb/";
constexpr auto frankfurt = "139.162.133.252";

// As the tests' files have it: Frankfurt am Main, Germany; AS63949.
facts::Sources sources() {
  facts::Sources sources;
  const auto city = facts::open_mmdb(cat(mmdb, "city.mmdb"), nullptr);
  const auto asn = facts::open_mmdb(cat(mmdb, "asn.mmdb"), nullptr);
  REQUIRE(city);
  REQUIRE(asn);
  sources.city = *city;
  sources.asn = *asn;
  return sources;
}

PastRow row_from(const char* address) {
  PastRow row;
  row.time = "2026-01-31 12:00:00.5";
  row.user = "alice";
  row.remote_ip = address;
  return row;
}

Outcome outcome_of(const char* auth_ok, const char* policy_reject, const char* reason = "") {
  auto row = row_from(frankfurt);
  row.auth_ok = auth_ok, row.policy_reject = policy_reject, row.reason = reason;
  return event_of(row, {}).outcome;
}

// A database with a row of log or connection_log a minute.
struct Minutes {
  tests::Scratch scratch;
  std::unique_ptr<stores::Connection> store = scratch.connect();
  std::unique_ptr<stores::History> history;
  static constexpr Seconds begin = 1769860800;  // 2026-01-31 12:00

  Minutes() {
    REQUIRE(store->add("alice", "h", ""));
    auto opened = stores::open_history(scratch.options.database);
    REQUIRE(opened);
    history = std::move(*opened);
  }

  void add(const char* table, int from, int to) const {
    const bool is_log = table == std::string_view("log");
    scratch.run(cat("WITH RECURSIVE n(i) AS (SELECT ", from,
                    " UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ", to, ") INSERT INTO ", table,
                    is_log ? " (pwid, src_ip, timestamp)"
                           : " (username, remote_ip, auth_ok, policy_reject, last)",
                    " SELECT ", is_log ? "1, 'log'" : "'alice', 'connections', 1, 0",
                    ", strftime('%Y-%m-%d %H:%M:%S.000', ", begin,
                    " + i * 60, 'unixepoch') FROM n"));
  }

  // The minutes and tables of what is read.
  std::vector<std::string> read(int from, int to) const {
    std::vector<std::string> found;
    const auto count = read_database(
        *history, {}, begin + from * 60, begin + to * 60,
        [&](Event& event) { found.push_back(cat((event.time - begin) / 60, " ", event.ip)); });
    REQUIRE(count);
    CHECK(count->rows == found.size());
    return found;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what a row does not tell of an address is looked up again") {
  auto row = row_from(frankfurt);
  row.result = "permit";
  row.password_id = "7";
  const auto event = event_of(row, sources());
  CHECK(event.time == 1769860800);
  CHECK(event.outcome == Outcome::let_in);
  CHECK(event.password_id == "7");
  REQUIRE(event.facts.geo.find());
  CHECK(event.facts.geo.find()->city.name == "Frankfurt am Main");
  CHECK(event.facts.geo.find()->position);
  REQUIRE(event.facts.as_numbers.find());
  CHECK(event.facts.as_numbers.find()->front() == 63949);
}

TEST_CASE("what a row tells is as it was then") {
  auto row = row_from(frankfurt);
  row.result = "deny";
  row.password_id = "7";
  row.reverse_name = "old\\x3cname.example.net";
  row.isp = "Former Owner, Inc";
  row.location = "10115 Berlin, BE, Germany";
  auto event = event_of(row, sources());
  CHECK(event.outcome == Outcome::refused);
  CHECK(event.facts.reverse_names.find()->front() == "old<name.example.net");
  CHECK(*event.facts.as_org.find() == "Former Owner, Inc");
  CHECK(event.facts.geo.find()->city.name == "Frankfurt am Main");  // the same country
  row.location = "Paris, France";
  row.reverse_name = "<>";
  event = event_of(row, sources());
  CHECK(event.facts.reverse_names.state() == facts::State::absent);
  CHECK(event.facts.geo.find()->country.name == "France");
  CHECK(event.facts.geo.find()->city.name.empty());
  CHECK_FALSE(event.facts.geo.find()->position);
  row.location = "";
  row.country = "FR";
  CHECK(event_of(row, sources()).facts.geo.find()->country.code == "FR");
  row.country = "DE";
  CHECK(event_of(row, sources()).facts.geo.find()->position);
}

TEST_CASE("what became of an attempt is what connection_log says") {
  CHECK(outcome_of("1", "0") == Outcome::let_in);
  CHECK(outcome_of("1", "1") == Outcome::refused);
  CHECK(outcome_of("0", "0", "wrong password") == Outcome::failed);
  CHECK(outcome_of("0", "") == Outcome::failed);
  CHECK(outcome_of("", "1", "service disabled") == Outcome::refused);
  CHECK(outcome_of("", "1", "too many failures") == Outcome::failed);
  CHECK(outcome_of("", "") == Outcome::later);
  CHECK(outcome_of("1", "", "LDAP: no answer") == Outcome::later);
  CHECK(outcome_of("1", "") == Outcome::let_in);  // a predecessor's
  CHECK(outcome_of("", "", "account disabled") == Outcome::failed);
  auto row = row_from(frankfurt);
  row.auth_ok = "0", row.reason = "deleted", row.password_id = "7";
  CHECK(event_of(row, {}).outcome == Outcome::refused);
  row = row_from(frankfurt);
  row.policy_reject = "1", row.reason = "service disabled";
  CHECK_FALSE(event_of(row, {}).was_right());  // nobody has looked at the password
}

TEST_CASE("a row with strange bytes, without an address or a time is read all the same") {
  PastRow row;
  row.user = std::string("a\0b\n\xff", 5) + "\\x3c";
  row.remote_ip = "\\x3cb\\x3e";
  row.times = -5;
  const auto event = event_of(row, {});
  CHECK(event.user == "a?b\n\xff<");
  CHECK(event.ip == "<b>");
  CHECK(event.times == 1);
  CHECK(event.time == 0);
  CHECK_FALSE(event.has_address);
}

TEST_CASE("without connection_log it is log that is read, within the time that is asked for") {
  Minutes minutes;
  CHECK(minutes.read(0, 100).empty());
  minutes.add("log", 0, 9);
  CHECK(minutes.read(2, 4) == Texts{"2 log", "3 log"});
  CHECK(minutes.read(-100, 100).size() == 9);
  CHECK(minutes.read(9, 100).empty());
}

TEST_CASE("no attempt is read from both tables") {
  Minutes minutes;
  minutes.add("log", 0, 8);
  minutes.add("connection_log", 3, 6);
  CHECK(minutes.read(1, 7) ==
        Texts{"1 log", "2 log", "3 connections", "4 connections", "5 connections", "6 log"});
  CHECK(minutes.read(4, 5) == Texts{"4 connections"});
  CHECK(minutes.read(7, 8) == Texts{"7 log"});
}

TEST_CASE("a late row at the end of connection_log hides nothing that is newer") {
  Minutes minutes;
  minutes.add("log", 0, 8);
  minutes.add("connection_log", 3, 7);
  minutes.add("connection_log", 4, 5);
  CHECK(minutes.read(5, 9) == Texts{"5 connections", "6 connections", "7 log"});
}

TEST_CASE("rows without a time are left out, and counted") {
  Minutes minutes;
  minutes.add("log", 0, 2);
  minutes.scratch.run("INSERT INTO log (pwid, timestamp) VALUES (1, 'never'), (1, '')");
  const auto read =
      read_database(*minutes.history, {}, Minutes::begin, Minutes::begin + 300, [](Event&) {});
  REQUIRE(read);
  CHECK(read->rows == 2);
  CHECK(read->undated == 2);
}

TEST_CASE("the beginning of a time is found among many rows, also of such that were late") {
  Minutes minutes;
  minutes.add("log", 0, 40000);      // four weeks
  minutes.add("log", 38000, 38003);  // from a spool, after an outage of a day
  const auto found = minutes.read(38001, 38003);
  CHECK(found == Texts{"38001 log", "38002 log", "38001 log", "38002 log"});
  CHECK(minutes.read(-10, 2) == Texts{"0 log", "1 log"});
}
