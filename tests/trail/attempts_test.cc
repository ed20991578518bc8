// What a row of connection_log says, and which attempts are one row of it.
// SPDX-License-Identifier: MIT

#include "cached/trail/attempts.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"

namespace {

using base::Answer;
using base::Verdict;
using stores::Attempts;
using trail::Folds;

struct Example {
  base::Login login;
  Verdict verdict{Answer::deny, "wrong password", {}};
  facts::Facts facts;

  Example() {
    login.service = "imap";
    login.user = "alice";
    login.remote_ip = "139.162.133.252";
    login.session = "s/1";
    verdict.auth_ok = false;
    facts::Geo geo;
    geo.country = facts::Place{2921044, "Germany", "DE"};
    facts.geo = geo;
  }
  Attempts attempts() const { return trail::attempts_of({login, verdict, &facts}, 1234); }
};

Attempts attempt(const std::string& user, const std::string& address,
                 std::optional<bool> auth_ok = false) {
  Attempts row;
  row.user = user;
  row.remote_ip = address;
  row.auth_ok = auth_ok;
  return row;
}

constexpr Folds::Clock::time_point start{};
constexpr std::chrono::seconds second{1};

std::string name(int number) { return "u" + std::to_string(number); }

}  // namespace

TEST_CASE("a row says who, from where, and that the password was wrong") {
  const Attempts row = Example().attempts();
  CHECK(row.protocol == "imap");
  CHECK(row.user == "alice");
  CHECK(row.remote_ip == "139.162.133.252");
  CHECK(row.country == "DE");
  CHECK(row.session == "s/1");
  CHECK(row.reason == "wrong password");
  CHECK(row.auth_ok == false);
  CHECK(row.policy_reject == std::nullopt);
  CHECK(!row.host.empty());
  CHECK(row.first == 1234);
  CHECK(row.last == 1234);
}

TEST_CASE("only who was let in has a right password and is not refused") {
  struct {
    Answer answer;
    std::optional<bool> auth_ok;
    const char* matched;
    std::optional<bool> right, refused;
  } const cases[] = {{Answer::permit, {}, "", true, false},
                     {Answer::permit, true, "", true, false},
                     {Answer::deny, true, "as_numbers", true, true},
                     {Answer::deny, true, "", true, true},  // not from this network
                     {Answer::deny, false, "", false, std::nullopt},
                     {Answer::deny, std::nullopt, "", std::nullopt, std::nullopt},
                     {Answer::deny, std::nullopt, "service", std::nullopt, true},
                     {Answer::later, true, "", true, std::nullopt},
                     {Answer::later, std::nullopt, "", std::nullopt, std::nullopt}};
  for (const auto& c : cases) {
    Example example;
    example.verdict.answer = c.answer;
    example.verdict.auth_ok = c.auth_ok;
    example.verdict.matched = c.matched;
    CHECK(example.attempts().auth_ok == c.right);
    CHECK(example.attempts().policy_reject == c.refused);
  }
}

TEST_CASE("what is too long for its column is cut between two characters") {
  Example example;
  example.login.user.clear();
  for (int i = 0; i < 100; i++) example.login.user += "ü";
  example.login.service = "managesieve-x";
  example.login.session = std::string(300, 's');
  const Attempts row = example.attempts();
  CHECK(row.user.size() == 160);
  CHECK(base::is_utf8(row.user));
  CHECK(row.protocol == "managesiev");
  CHECK(row.session.size() == 255);
}

TEST_CASE("whatever bytes a name is made of, the row is UTF-8 and no markup") {
  Example example;
  example.login.user = std::string("a\0<b>\xff", 6);
  const Attempts row = example.attempts();
  CHECK(row.user == "a\\x00\\x3cb\\x3e\\xff");
}

TEST_CASE("equal attempts within a minute are one row, with their number and the last one's time") {
  Folds folds(100);
  Attempts first = attempt("alice", "192.0.2.1");
  first.first = first.last = 1000;
  Attempts* row = folds.add(first, start);
  REQUIRE(row);
  row->number = 7;
  for (int i = 1; i < 5; i++) {
    first.first = first.last = 1000 + i;
    CHECK(!folds.add(first, start + i * second));
  }
  CHECK(folds.take_ended(start + 59 * second).empty());
  const auto ended = folds.take_ended(start + 60 * second);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].number == 7);
  CHECK(ended[0].count == 5);
  CHECK(ended[0].first == 1000);
  CHECK(ended[0].last == 1004);
  CHECK(folds.size() == 0);
  CHECK(folds.add(first, start + 61 * second));
}

TEST_CASE("what came once is not written again") {
  Folds folds(100);
  CHECK(folds.add(attempt("alice", "192.0.2.1"), start));
  CHECK(folds.take_all().empty());
}

TEST_CASE("another user, address, service, password or end is another row") {
  Folds folds(100);
  Attempts one = attempt("alice", "192.0.2.1");
  CHECK(folds.add(one, start));
  for (const auto text : {&Attempts::user, &Attempts::remote_ip, &Attempts::protocol,
                          &Attempts::rule, &Attempts::reason}) {
    Attempts other = one;
    other.*text += "x";
    CHECK(folds.add(other, start));
  }
  Attempts other = one;
  other.password_id = 5;
  CHECK(folds.add(other, start));
  other = one;
  other.auth_ok = std::nullopt;
  CHECK(folds.add(other, start));
  other = one;
  other.policy_reject = true;
  CHECK(folds.add(other, start));
  CHECK(folds.size() == 9);
  one.session = "another";  // of each connection
  CHECK(!folds.add(one, start));
}

TEST_CASE("random names from few addresses are counted by address once there are too many rows") {
  Folds folds(100);
  for (int i = 0; i < 1000; i++)
    folds.add(attempt(name(i), i % 2 ? "192.0.2.1" : "192.0.2.2"), start);
  CHECK(folds.size() == 102);
  std::int64_t counted = 100;
  for (const Attempts& row : folds.take_all()) {
    CHECK(row.user.empty());
    CHECK(row.remote_ip.starts_with("192.0.2."));
    counted += row.count;
  }
  CHECK(counted == 1000);
}

TEST_CASE("random names from random addresses never are more rows than there may be") {
  Folds folds(100);
  for (int i = 0; i < 100000; i++) folds.add(attempt(name(i), name(i)), start);
  CHECK(folds.size() == 111);
  const auto ended = folds.take_all();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].user.empty());
  CHECK(ended[0].remote_ip.empty());
  CHECK(ended[0].count == 100000 - 110);
  CHECK(folds.add(attempt("alice", "192.0.2.1"), start));
}

TEST_CASE("a flood takes no row from those whose password was right") {
  Folds folds(100);
  for (int i = 0; i < 10000; i++) folds.add(attempt(name(i), name(i)), start);
  for (int i = 0; i < 1000; i++) {
    const Attempts* row = folds.add(attempt(name(i), "192.0.2.1", true), start);
    REQUIRE(row);
    CHECK(row->user == name(i));
  }
}
