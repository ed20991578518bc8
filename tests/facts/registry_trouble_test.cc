// Registries that do not answer, answer nonsense, or want to be left alone.
// SPDX-License-Identifier: MIT

#include "cached/facts/registry.h"

#include "tests/facts/registry_world.h"

using base::cat;
using namespace tests::registries;
using facts::Rir;

namespace {

clients::HttpAnswer wait(int code, int seconds_to_wait) {
  auto answer = status(code);
  if (seconds_to_wait > 0) answer.retry_after = seconds(seconds_to_wait);
  return answer;
}

clients::HttpAnswer body(const std::string& text) {
  auto answer = status(200);
  answer.body = text;
  return answer;
}

// Another cell each time: one that was asked about in vain is left alone by itself.
struct Many : World {
  Host host{*this};
  int cell = 0;

  Many() { add("10.0.0.0", "10.255.255.255", "NET"); }
  std::string name() {
    const std::string of = base::cat("10.7.", cell++, ".1");
    return host.name(of);
  }
  // How many of the next ones cause a question.
  std::size_t asked_by(int calls) {
    const auto before = asked.size();
    for (int i = 0; i < calls; i++) name();
    return asked.size() - before;
  }
};

}  // namespace

TEST_CASE("C15 a registry that does not answer is left alone, twice as long each time") {
  Many world;
  for (int i = 0; i < 8; i++) world.next.push_back(status(0));
  for (const int pause : {30, 60, 120, 240, 480, 900, 900, 900}) {
    CAPTURE(pause);
    CHECK(world.name() == "?");
    CHECK(world.asked_by(3) == 0);
    world.now += seconds(pause - 1);
    CHECK(world.asked_by(3) == 0);
    world.now += seconds(1);
  }
  CHECK(world.name() == "NET");
  CHECK(world.asked_by(3) == 3);
  world.next = {status(503)};
  CHECK(world.name() == "?");
  world.now += seconds(30);
  CHECK(world.name() == "NET");
}

TEST_CASE("after a pause one question is tried, and the others wait for what it brings") {
  Many world;
  world.next = {status(0)};
  world.name();
  world.now += seconds(30);
  world.delay = milliseconds(20);
  loop::Group<Heard<RegisteredNetwork>> all;
  for (int i = 100; i < 120; i++)
    all.add(world.host.registry.find_network(address(base::cat("10.9.", i, ".1")), Rir::ripencc,
                                             world.a_plan()));
  const auto heard = world.result_of(all.results());
  CHECK(heard.front().value.find());
  CHECK(heard.back().problem == "RDAP of ripencc is being tried again: no whole answer in time");
  CHECK(world.asked.size() == 2);
}

TEST_CASE("many questions that fail at the same time are one outage") {
  Many world;
  world.delay = milliseconds(10);
  loop::Group<Heard<RegisteredNetwork>> all;
  for (int i = 100; i < 120; i++) {
    world.next.push_back(status(0));
    all.add(world.host.registry.find_network(address(base::cat("10.9.", i, ".1")), Rir::ripencc,
                                             world.a_plan()));
  }
  const auto heard = world.result_of(all.results());
  CHECK(world.asked.size() == 20);
  world.now += seconds(30);
  CHECK(world.name() == "NET");
}

TEST_CASE("a registry that wants to be left alone is, for as long as it says") {
  for (const int code : {429, 503}) {
    Many world;
    world.next = {wait(code, 300)};
    CHECK(world.name() == "?");
    world.now += seconds(299);
    CHECK(world.asked_by(3) == 0);
    CHECK(world.host.hear("10.200.1.1").problem ==
          "RDAP of ripencc is not asked until 2026-11-21 00:05:00.000: it asked us to wait");
    world.now += seconds(1);
    CHECK(world.name() == "NET");
  }
}

TEST_CASE("without a time it is left alone for two minutes, by a notice in an answer as well") {
  const std::string notice =
      R"({"notices":[{"title":"x"},7,{"title":"Rate Limit Notice","description":["no"]}]})";
  for (const auto& answer : {status(429), body(notice)}) {
    Many world;
    world.next = {answer};
    CHECK(world.name() == "?");
    world.now += seconds(119);
    CHECK(world.asked_by(3) == 0);
    world.now += seconds(1);
    CHECK(world.name() == "NET");
  }
}

TEST_CASE("a pause is of one registry") {
  Many world;
  world.next = {status(0)};
  CHECK(world.host.name("10.1.1.1", Rir::ripencc) == "?");
  CHECK(world.host.name("10.1.1.1", Rir::arin) == "?");  // this cell was asked about in vain
  CHECK(world.host.name("10.1.2.1", Rir::arin) == "NET");
}

TEST_CASE("an answer that is no use is of its cell alone, until there are three in a row") {
  Many world;
  auto elsewhere = document("192.0.2.0", "192.0.2.255", "ELSEWHERE");
  auto astray = status(0);
  astray.was_answered = true;
  for (const auto& answer : {body("{"), status(500), elsewhere, astray}) {
    world.next = {answer};
    CHECK(world.host.name(base::cat("10.50.", world.cell, ".1")) == "?");
    CHECK(world.host.name(base::cat("10.50.", world.cell, ".1")) == "?");
    CHECK(world.name() == "NET");
  }
  CHECK(world.asked.size() == 8);
  for (int i = 0; i < 3; i++) world.next.push_back(body("<html>"));
  CHECK(world.asked_by(10) == 3);
  world.now += seconds(30);
  CHECK(world.name() == "NET");
}

TEST_CASE("a cell that was asked about in vain is left alone longer each time") {
  Many world;
  const std::string of = "10.60.1.1";
  for (const int pause : {30, 60, 120}) {
    world.next = {status(500)};
    CHECK(world.host.name(of) == "?");
    CHECK(world.name() == "NET");
    world.now += seconds(pause - 1);
    CHECK(world.host.name(of) == "?");
    CHECK(world.host.hear(of).problem.starts_with("asked in vain, not asked again until 2026"));
    CHECK(world.next.empty());
    world.now += seconds(1);
  }
  CHECK(world.host.name(of) == "NET");
}

TEST_CASE("while a registry is away what is old is told") {
  Many world;
  CHECK(world.host.name("10.60.1.1") == "NET");
  world.now += hours(24 * 8);
  for (int i = 0; i < 4; i++) {
    world.next = {status(0)};
    const auto heard = world.host.hear("10.60.1.1");
    CHECK(heard.source == Source::stale);
    CHECK(heard.value.find());
    world.finish();
  }
  CHECK(world.asked.size() == 2);
}

TEST_CASE("Team Cymru that does not answer is left alone too") {
  World world;
  Host host(world);
  const clients::DnsAnswer failed{World::Outcome::failed, {}, {}, "no server answered"};
  world.texts[facts::origin_name(address("10.1.1.1"))] = failed;
  CHECK(host.origin("10.1.1.1").problem == "Team Cymru: no server answered");
  CHECK(host.origin("10.2.1.1").problem ==
        "Team Cymru is not asked until 2026-11-21 00:00:30.000: no server answered");
  CHECK(host.as_name(1).value.state() == State::unknown);
  CHECK(host.name("10.2.1.1", Rir::none) == "?");
  world.now += seconds(30);
  CHECK(host.origin("10.2.1.1").value.state() == State::absent);
  auto not_asked = failed;
  not_asked.was_asked = false;
  world.texts[facts::origin_name(address("10.3.1.1"))] = not_asked;
  CHECK(host.origin("10.3.1.1").value.state() == State::unknown);
  CHECK(host.origin("10.4.1.1").value.state() == State::absent);
}

TEST_CASE("all of a cell of 256 networks are asked about, 32 at a time") {
  World world;
  world.delay = milliseconds(5);
  Host host(world);
  loop::Group<Heard<RegisteredNetwork>> logins;
  for (int i = 0; i < 256; i++) {
    const auto own = cat("192.0.2.", i);
    world.add(own, own, cat("N-", i));
  }
  for (int i = 0; i < 256; i++)
    logins.add(host.registry.find_network(address(cat("192.0.2.", i)), facts::Rir::ripencc,
                                          world.a_plan()));
  const auto told = world.result_of(logins.results());
  for (int i = 0; i < 256; i++) {
    REQUIRE(told[static_cast<std::size_t>(i)].value.find());
    CHECK(*told[static_cast<std::size_t>(i)].value.find()->name.find() == cat("N-", i));
  }
  CHECK(world.most_at_a_time == 32);
}

TEST_CASE("who waits while a registry goes away was not asked, and it is one outage") {
  World world;
  world.delay = milliseconds(5);
  for (int i = 0; i < 32; i++) world.next.push_back(status(0));
  Host host(world);
  loop::Group<Heard<RegisteredNetwork>> logins;
  for (int i = 0; i < 300; i++)
    logins.add(host.registry.find_network(address(cat("198.", 18 + i / 256, ".", i % 256, ".1")),
                                          facts::Rir::ripencc, world.a_plan()));
  const auto told = world.result_of(logins.results());
  CHECK(world.asked.size() == 32);
  CHECK(told.back().problem == "RDAP of ripencc: too many questions to it are waiting");
  CHECK(host.hear("198.18.150.1").problem.starts_with("RDAP of ripencc is not asked until "));
  world.now += seconds(31);  // its first pause
  CHECK(host.name("198.18.150.1") == "-");
}

TEST_CASE("what WHOIS says is told when RDAP cannot be asked, for an hour, and to nobody else") {
  World world;
  FakeShelf shelf(true);
  Host host(world, &shelf);
  world.plan.whois[static_cast<std::size_t>(Rir::ripencc)] = "whois.example";
  world.whois["whois.example"] =
      "inetnum:        10.1.0.0 - 10.1.255.255\nnetname:        ROUGH\ncountry:        DE\n"
      "source:         RIPE\n";
  world.next = {status(0)};
  const auto rough = host.hear("10.1.1.1");
  REQUIRE(rough.value.find());
  CHECK(*rough.value.find()->name.find() == "ROUGH");
  CHECK(rough.from == "whois43 whois.example");
  CHECK(shelf.fields["c4:0a0101"].empty());
  world.add("10.0.0.0", "10.255.255.255", "NET");
  world.now += minutes(59);
  CHECK(host.name("10.1.1.1") == "ROUGH");
  world.now += minutes(1);
  CHECK(host.name("10.1.1.1") == "NET");
  world.now += hours(24 * 8);
  shelf.claimed.clear();
  world.next = {status(0)};
  CHECK(host.name("10.1.1.1") == "NET");  // old, but of RDAP
  world.finish();
  CHECK(world.asked_whois.size() == 1);
  world.whois.clear();
  const auto nothing = host.hear("10.9.1.1");
  CHECK(nothing.problem.ends_with("; WHOIS of ripencc: whois.example does not answer"));
}

TEST_CASE("what WHOIS says counts where what RDAP said of a smaller network is too old") {
  World world;
  FakeShelf shelf(true);
  Host host(world, &shelf);
  world.plan.whois[static_cast<std::size_t>(Rir::ripencc)] = "whois.example";
  world.whois["whois.example"] = "inetnum: 10.1.0.0 - 10.1.255.255\nnetname: ROUGH\n";
  world.add("10.1.1.64", "10.1.1.127", "NEIGHBOUR");
  CHECK(host.name("10.1.1.64") == "NEIGHBOUR");
  CHECK(host.name("10.1.1.1") == "-");
  CHECK(host.name("10.1.1.70") == "NEIGHBOUR");
  world.now += hours(7);
  shelf.claimed.clear();
  world.next = {status(0)};
  CHECK(host.name("10.1.1.1") == "ROUGH");
  CHECK(host.name("10.1.1.1") == "ROUGH");
  CHECK(host.name("10.1.1.64") == "NEIGHBOUR");
  CHECK(world.asked_whois.size() == 1);
  CHECK(shelf.fields["c4:0a0101"]["n:0a010101-0a010101"] == "");
}
