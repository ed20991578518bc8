// The facts of one login as they come in from a name server: in time, late, and never.
// SPDX-License-Identifier: MIT

#include "cached/facts/inquiry.h"

#include "cached/config/file.h"
#include "cached/loop/group.h"
#include "tests/clients/name_server.h"
#include "tests/loop/test_loop.h"

namespace {

using facts::Confirmed;
using facts::Inquiry;
using facts::State;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

constexpr milliseconds long_time{20000};

struct Site : tests::TestLoop {
  tests::NameServer server{&loop};
  config::Options options = dns_only();
  facts::Network network{&loop, options, nullptr};
  std::vector<facts::Zone> zones{{"a", "a.example", {}}, {"b", "b.example", {}}};

  Site() {
    for (const auto& zone : zones) server.add("2.0.0.127." + zone.zone, tests::a, "127.0.0.2");
    server.add("8.8.8.8.in-addr.arpa", tests::ptr, "dns.example");
    server.add("dns.example", tests::a, "8.8.8.8");
    server.add("8.8.8.8.b.example", tests::a, "127.0.0.4");
  }

  // Answers that a test delays are waited for.
  config::Options dns_only() {
    auto all = config::default_file().options;
    all.dns = server.options();
    all.dns.timeout = long_time;
    all.registry.cache.clear();
    return all;
  }
  std::shared_ptr<Inquiry> about(const char* address, const facts::Sources& sources = {}) {
    return std::make_shared<Inquiry>(&loop, facts::look_up(sources, *base::parse_address(address)));
  }
  std::shared_ptr<Inquiry> ask(const char* address, facts::Sources sources = {}) {
    auto inquiry = about(address, sources);
    sources.zones = zones;
    inquiry->ask(network, sources, 0);
    return inquiry;
  }
  void wait(Inquiry& inquiry, milliseconds time = long_time) {
    run(inquiry.wait_for_all(Clock::now() + time));
  }
  void finish() {
    while (loop::roots() > 0) uv_run(&loop, UV_RUN_ONCE);
  }
  // Answers about that name after so long.
  void delay(const std::string& name, milliseconds time, std::vector<tests::DnsRecord> records) {
    server.set(name, tests::a, {std::move(records), tests::no_error, 0, time, {}});
  }
};

// `codes` of the zone in that row; its state when there are none.
std::string listed(const facts::Facts& facts, std::size_t row) {
  constexpr const char* words[] = {"pending", "unknown", "absent"};
  const auto& codes = facts.listings.at(row).codes;
  return codes.find() ? codes.find()->front() : words[static_cast<int>(codes.state())];
}

}  // namespace

TEST_CASE("nobody is asked before ask(), and nobody waits for them") {
  Site site;
  const auto inquiry = site.about("8.8.8.8");
  CHECK(!inquiry->asked_at());
  CHECK(inquiry->pending().empty());
  site.wait(*inquiry);
  CHECK(site.server.asked() == 0);
  CHECK(inquiry->facts().reverse_names.state() == State::unknown);
}

TEST_CASE("names and all zones are asked at once, each question once") {
  Site site;
  const auto inquiry = site.ask("8.8.8.8");
  inquiry->ask(site.network, {}, 0);
  CHECK(inquiry->pending() == Words{"host", "fcrdns", "dnsbl"});
  CHECK(inquiry->facts().reverse_names.state() == State::pending);
  CHECK(listed(inquiry->facts(), 0) == "pending");
  site.wait(*inquiry);
  const auto& facts = inquiry->facts();
  CHECK(inquiry->pending().empty());
  REQUIRE(facts.reverse_names.find());
  CHECK(*facts.reverse_names.find() == Words{"dns.example"});
  REQUIRE(facts.confirmed.find());
  CHECK(*facts.confirmed.find() == Confirmed::pass);
  REQUIRE(facts.listings.size() == 2);
  CHECK(facts.listings[0].zone == "a");
  CHECK(listed(facts, 0) == "absent");
  CHECK(listed(facts, 1) == "127.0.0.4");
  CHECK(site.server.asked() == 2 + 2 * 3);  // a zone is checked with two questions
  site.finish();
  const auto again = site.ask("8.8.8.8");
  CHECK(again->pending().empty());
  CHECK(listed(again->facts(), 1) == "127.0.0.4");
  CHECK(site.server.asked() == 8);
}

TEST_CASE("private addresses may have a name, and ask no zone") {
  Site site;
  site.server.add("3.2.1.10.in-addr.arpa", tests::ptr, "printer.example");
  for (const char* address : {"10.1.2.3", "fd00::1", "2002:a01:203::1"}) {
    CAPTURE(address);
    const auto inquiry = site.ask(address);
    CHECK(inquiry->pending() == Words{"host", "fcrdns"});
    CHECK(listed(inquiry->facts(), 0) == "absent");
    CHECK(listed(inquiry->facts(), 1) == "absent");
    site.wait(*inquiry);
    CHECK(inquiry->facts().reverse_names.state() ==
          (inquiry->facts().embedded || address[0] == 'f' ? State::absent : State::known));
  }
  site.finish();
  for (const auto& zone : site.zones) CHECK(site.server.asked("2.0.0.127." + zone.zone) == 0);
}

TEST_CASE("nobody is asked about loopback, multicast and the like") {
  Site site;
  for (const char* address : {"127.0.0.1", "::1", "0.0.0.0", "224.0.0.1", "ff02::1", "fe80::1",
                              "192.0.2.1", "255.255.255.255", "169.254.1.1"}) {
    CAPTURE(address);
    const auto inquiry = site.ask(address);
    CHECK(inquiry->asked_at());
    CHECK(inquiry->pending().empty());
    CHECK(inquiry->facts().reverse_names.state() == State::absent);
    REQUIRE(inquiry->facts().confirmed.find());
    CHECK(*inquiry->facts().confirmed.find() == Confirmed::none);
    CHECK(listed(inquiry->facts(), 0) == "absent");
  }
  CHECK(site.server.asked() == 0);
}

TEST_CASE("no zone is asked about an address of the site, public or not") {
  Site site;
  facts::Sources sources;
  sources.local_networks = {{*base::parse_network("8.8.8.0/24"), "office"},
                            {*base::parse_network("192.0.2.0/24"), "lab"}};
  const auto office = site.ask("8.8.8.8", sources);
  CHECK(listed(office->facts(), 1) == "absent");
  CHECK(office->pending() == Words{"host", "fcrdns"});
  const auto lab = site.ask("192.0.2.1", sources);  // may have a name there
  CHECK(lab->pending() == Words{"host", "fcrdns"});
  site.wait(*office);
  site.finish();
  CHECK(office->facts().reverse_names.find());
  CHECK(site.server.asked("2.0.0.127.a.example") == 0);
}

TEST_CASE("a zone is asked about the client behind 6to4, and the DNS about the address") {
  Site site;
  const auto inquiry = site.ask("2002:808:808::1");
  site.wait(*inquiry);
  site.finish();
  CHECK(listed(inquiry->facts(), 1) == "127.0.0.4");
  CHECK(inquiry->facts().reverse_names.state() == State::absent);
  CHECK(site.server.asked("8.8.8.8.b.example") == 1);
  CHECK(site.server.asked("8.8.8.8.in-addr.arpa") == 0);
}

TEST_CASE("without zones there is nothing to wait for") {
  Site site;
  const auto inquiry = site.about("8.8.8.8");
  inquiry->ask(site.network, {}, 0);
  CHECK(inquiry->pending() == Words{"host", "fcrdns"});
  site.finish();
}

TEST_CASE("who waits is told of each thing that comes in") {
  Site site;
  site.wait(*site.ask("1.1.1.1"));  // the zones are checked
  site.delay("8.8.8.8.a.example", milliseconds(150), {});
  const auto inquiry = site.ask("8.8.8.8");
  while (inquiry->pending() != Words{"dnsbl"})
    site.run(inquiry->wait_for_more(Clock::now() + long_time));
  CHECK(inquiry->facts().reverse_names.state() == State::known);
  CHECK(listed(inquiry->facts(), 0) == "pending");
  site.wait(*inquiry);
  CHECK(inquiry->pending().empty());
  site.run(inquiry->wait_for_more(Clock::now() + long_time));
  site.finish();
}

TEST_CASE("at the deadline what is pending is unknown, and what comes later is still taken") {
  Site site;
  site.wait(*site.ask("1.1.1.1"));  // the zones are checked
  site.delay("8.8.8.8.a.example", milliseconds(800),
             {{"8.8.8.8.a.example", tests::a, "127.0.0.9", 300}});
  const auto inquiry = site.ask("8.8.8.8");
  site.wait(*inquiry, milliseconds(200));
  CHECK(inquiry->pending() == Words{"dnsbl"});
  CHECK(listed(inquiry->facts(), 0) == "pending");
  const auto settled = inquiry->settled();
  CHECK(listed(settled, 0) == "unknown");
  CHECK(listed(settled, 1) == "127.0.0.4");
  CHECK(settled.reverse_names.state() == State::known);
  site.wait(*inquiry, milliseconds(-5));  // the time is over: nobody waits
  CHECK(inquiry->pending() == Words{"dnsbl"});
  site.finish();
  CHECK(inquiry->pending().empty());
  CHECK(listed(inquiry->facts(), 0) == "127.0.0.9");
  CHECK(listed(settled, 0) == "unknown");
}

TEST_CASE("what nobody could tell is unknown, and no longer pending") {
  Site site;
  site.server.set_all({{}, tests::server_failure, 0, {}, {}});
  site.server.forget("8.8.8.8.in-addr.arpa", tests::ptr);
  site.server.forget("2.0.0.127.a.example", tests::a);
  const auto inquiry = site.ask("8.8.8.8");
  site.wait(*inquiry);
  site.finish();
  CHECK(inquiry->pending().empty());
  CHECK(inquiry->facts().reverse_names.state() == State::unknown);
  CHECK(*inquiry->facts().confirmed.find() == Confirmed::temporary_error);
  CHECK(listed(inquiry->facts(), 0) == "unknown");
}

TEST_CASE("any number wait for one inquiry, each to its own deadline") {
  Site site;
  site.wait(*site.ask("1.1.1.1"));
  site.delay("8.8.8.8.a.example", milliseconds(800), {});
  const auto inquiry = site.ask("8.8.8.8");
  int ended = 0;
  const auto wait = [&](Inquiry* of, milliseconds time) -> loop::Task<void> {
    const auto deadline = Clock::now() + time;
    co_await of->wait_for_all(deadline);
    ended++;
  };
  for (const int time : {0, 200, 20000, 20000})
    loop::spawn(wait(inquiry.get(), milliseconds(time)));
  CHECK(ended == 1);
  while (ended < 2) uv_run(&site.loop, UV_RUN_ONCE);
  CHECK(inquiry->pending() == Words{"dnsbl"});
  site.finish();
  CHECK(ended == 4);
}

TEST_CASE("an inquiry that nobody is interested in any more goes on by itself") {
  Site site;
  site.delay("8.8.8.8.a.example", milliseconds(50), {});
  std::weak_ptr<Inquiry> left;
  {
    const auto inquiry = site.ask("8.8.8.8");
    site.wait(*inquiry, milliseconds(5));
    left = inquiry;
  }
  CHECK(!left.expired());
  site.finish();
  CHECK(left.expired());
  CHECK(site.server.asked("8.8.8.8.b.example") == 1);
}

TEST_CASE("an inquiry ends when the DNS is told to stop") {
  Site site;
  site.server.ignore_all(true);
  const auto inquiry = site.ask("8.8.8.8");
  site.network.stop();
  site.finish();
  CHECK(inquiry->pending().empty());
  CHECK(inquiry->facts().reverse_names.state() == State::unknown);
  CHECK(listed(inquiry->facts(), 1) == "unknown");
}
