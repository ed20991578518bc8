// DNS lists that work, that are broken, and that do not answer.
// SPDX-License-Identifier: MIT

#include "cached/facts/dnsbl.h"

#include <sys/mman.h>
#include <unistd.h>

#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/clients/name_server.h"
#include "tests/loop/test_loop.h"

namespace {

using facts::Dnsbl;
using facts::Source;
using facts::State;
using facts::Zone;
using std::chrono::milliseconds;
using Codes = std::vector<std::string>;

const base::Address client = *base::parse_address("192.0.2.7");
const base::Address client6 = *base::parse_address("2001:db8::7");
const std::string secret = "s3cretkey";
const std::string suffix = "." + secret + ".list.example";
const std::string v6_test = ".0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";

// What the program's log was told meanwhile.
class LogText {
 public:
  LogText() : file_(memfd_create("log", 0)), before_(dup(2)) { dup2(file_, 2); }
  ~LogText() {
    dup2(before_, 2);
    close(before_);
    close(file_);
  }
  std::string text() const {
    char bytes[65536];
    const auto size = pread(file_, bytes, sizeof bytes, 0);
    return {bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  const int file_, before_;
};

struct Site : tests::TestLoop {
  tests::NameServer server{&loop};
  clients::Dns dns{&loop, server.options()};
  const facts::Lifetimes lifetimes{milliseconds(40), milliseconds(40), milliseconds(10000),
                                   milliseconds(30)};
  Dnsbl dnsbl{dns,
              100,
              lifetimes,
              {milliseconds(150), milliseconds(150), milliseconds(150), milliseconds(10000)}};
  Zone zone{"list", secret + ".list.example", {}};

  Site() {
    server.add("2.0.0.127" + suffix, tests::a, "127.0.0.2");
    server.add("2" + v6_test + suffix, tests::aaaa, "::1");  // not asked for
    server.add("2" + v6_test + suffix, tests::a, "127.0.0.2");
  }
  void list(const base::Address& address, const std::string& code) {
    server.add(clients::reversed_labels(address) + suffix, tests::a, code);
  }
  Dnsbl::Found find(const base::Address& address = client) {
    return result_of(dnsbl.find(zone, address));
  }
  State state(const base::Address& address = client) { return find(address).listing.codes.state(); }
  static loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
    auto waiting = loop::sleep(loop, time);
    co_await waiting;
  }
  void wait(int time) { run(pause(&loop, milliseconds(time))); }
};

}  // namespace

TEST_CASE("nobody is refused, or let in, by what a zone said more than an hour ago") {
  CHECK(Dnsbl::lifetimes.most <= std::chrono::hours(1));
  CHECK(Dnsbl::lifetimes.stale <= std::chrono::hours(1));
}

TEST_CASE("an address that is listed is told with its codes") {
  Site site;
  site.list(client, "127.0.0.4");
  site.list(client, "127.0.0.10");
  site.list(client6, "127.0.0.4");
  for (const auto& address : {client, client6}) {
    const auto found = site.find(address);
    CHECK(found.listing.zone == "list");
    REQUIRE(found.listing.codes.find());
    CHECK(found.listing.codes.find()->front() == "127.0.0.4");
    CHECK(found.problem.empty());
  }
  CHECK(site.server.asked("7.2.0.192" + suffix) == 1);
}

TEST_CASE("an address that is not listed is absent") {
  Site site;
  CHECK(site.state() == State::absent);
  CHECK(site.state(client6) == State::absent);
}

TEST_CASE("a zone that knows IPv4 only is not asked about IPv6, and lists none of it") {
  Site site;
  site.zone.families = Zone::Families::v4;
  CHECK(site.state(client6) == State::absent);
  CHECK(site.server.asked() == 0);
  site.zone.families = Zone::Families::both;
  CHECK(site.state(client6) == State::absent);
  CHECK(site.server.asked() > 0);
}

TEST_CASE("only the codes that count do, also when that changes") {
  Site site;
  site.list(client, "127.0.0.4");
  site.list(client, "127.0.1.9");
  site.zone.codes = {*base::parse_network("127.0.0.10")};
  CHECK(site.state() == State::absent);
  site.zone.codes = {*base::parse_network("127.0.0.4"), *base::parse_network("127.0.0.10")};
  auto found = site.find();
  CHECK(*found.listing.codes.find() == Codes{"127.0.0.4"});
  CHECK(found.source == Source::remembered);
  site.zone.codes = {*base::parse_network("127.0.1.0/24")};
  found = site.find();
  CHECK(*found.listing.codes.find() == Codes{"127.0.1.9"});
  CHECK(site.server.asked("7.2.0.192" + suffix) == 1);
}

TEST_CASE("many logins are one question, and two for the zone's health") {
  Site site;
  loop::Group<Dnsbl::Found> all;
  for (int i = 0; i < 50; i++) all.add(site.dnsbl.find(site.zone, client));
  for (const auto& found : site.result_of(all.results()))
    CHECK(found.listing.codes.state() == State::absent);
  CHECK(site.server.asked() == 3);
}

TEST_CASE("a code of 127.255.255.0/24 is a broken zone and not a listing") {
  LogText log;
  Site site;
  CHECK(site.state(*base::parse_address("192.0.2.1")) == State::absent);
  site.list(client, "127.255.255.254");
  const auto found = site.find();
  CHECK(found.listing.codes.state() == State::unknown);
  CHECK(found.problem == "refuses to answer, with code 127.255.255.254");
  const int asked = site.server.asked();
  // Neither asked nor believed for a while, not even what it said before.
  CHECK(site.state() == State::unknown);
  CHECK(site.state(*base::parse_address("192.0.2.1")) == State::unknown);
  CHECK(site.state(*base::parse_address("192.0.2.2")) == State::unknown);
  CHECK(site.server.asked() == asked);
  CHECK(log.text() ==
        "cached: DNS list list is not asked for a while: it refuses to answer, with "
        "code 127.255.255.254\n");
}

TEST_CASE("an answer outside 127.0.0.0/8 is a broken zone (a lapsed domain)") {
  LogText log;
  Site site;
  site.list(client, "127.0.0.2");
  site.list(client, "203.0.113.80");
  CHECK(site.find().problem == "answers 203.0.113.80, which no DNS list does");
  CHECK(log.text().find(secret) == std::string::npos);
}

TEST_CASE("a zone that lists everything or nothing is broken (RFC 5782, 5)") {
  LogText log;
  {
    Site everything;
    everything.server.set_all({{}, 0, 0, {}, {}});
    everything.server.add("1.0.0.127" + suffix, tests::a, "127.0.0.2");
    everything.list(client, "127.0.0.2");
    CHECK(everything.state() == State::unknown);
    CHECK(everything.find().problem.starts_with("lists what no list may"));
  }
  {
    Site nothing;
    nothing.server.forget("2.0.0.127" + suffix, tests::a);
    nothing.server.forget("2" + v6_test + suffix, tests::a);
    CHECK(nothing.state() == State::unknown);
    CHECK(nothing.find().problem.starts_with("does not list its test entry"));
    CHECK(nothing.state(client6) == State::unknown);
    CHECK(nothing.server.asked("7.2.0.192" + suffix) == 0);
  }
  CHECK(log.text().find("DNS list list for IPv6 is not asked") != std::string::npos);
  CHECK(log.text().find(secret) == std::string::npos);
}

TEST_CASE("a zone without IPv6 still counts for IPv4") {
  LogText log;
  Site site;
  site.server.forget("2" + v6_test + suffix, tests::a);
  site.list(client, "127.0.0.2");
  CHECK(site.state(client6) == State::unknown);
  CHECK(site.state() == State::known);
}

TEST_CASE("a broken zone is checked again, and works again") {
  LogText log;
  Site site;
  site.list(client, "127.0.0.4");
  site.server.forget("2.0.0.127" + suffix, tests::a);
  CHECK(site.state() == State::unknown);
  site.server.add("2.0.0.127" + suffix, tests::a, "127.0.0.2");
  CHECK(site.state() == State::unknown);
  site.wait(160);
  CHECK(site.state() == State::unknown);  // is being checked
  CHECK(site.run_until([&] { return site.state() == State::known; }));
  CHECK(log.text().find("cached: DNS list list works again\n") != std::string::npos);
}

TEST_CASE("a zone that works is checked from time to time, and nobody waits for that") {
  LogText log;
  Site site;
  CHECK(site.state() == State::absent);
  site.server.add("1.0.0.127" + suffix, tests::a, "127.0.0.2");
  site.wait(160);
  CHECK(site.state() == State::absent);
  CHECK(site.run_until([&] { return site.state() == State::unknown; }));
}

TEST_CASE("a zone that fails is unknown; what it said before is still told") {
  LogText log;
  Site site;
  site.list(client, "127.0.0.4");
  CHECK(site.state() == State::known);
  site.server.forget("7.2.0.192" + suffix, tests::a);
  site.server.set_all({{}, tests::server_failure, 0, {}, {}});
  for (int i = 20; i < 25; i++)
    CHECK(site.state(*base::parse_address("192.0.2." + std::to_string(i))) == State::unknown);
  const int asked = site.server.asked();
  const auto found = site.find(*base::parse_address("192.0.2.99"));
  CHECK(found.listing.codes.state() == State::unknown);
  CHECK(found.problem.starts_with("does not answer"));
  CHECK(site.server.asked() == asked);  // five in a row: it pauses
  site.wait(45);
  const auto stale = site.find();
  CHECK(*stale.listing.codes.find() == Codes{"127.0.0.4"});
  CHECK(stale.source == Source::stale);
  CHECK(log.text().find(secret) == std::string::npos);
}

TEST_CASE("a zone is not set aside for questions that were never asked") {
  LogText log;
  Site site;
  CHECK(site.state() == State::absent);
  const base::Address other = *base::parse_address("198.51.100.1");
  site.server.set(clients::reversed_labels(other) + ".in-addr.arpa", tests::ptr,
                  {{}, 0, 0, {}, tests::Reply::Kind::silent});
  loop::Group<clients::DnsAnswer> lost;
  for (int i = 0; i < 20; i++) lost.add(site.dns.pointers(other));
  site.result_of(lost.results());  // the DNS servers seem to be away
  loop::Group<clients::DnsAnswer> open;
  open.add(site.dns.pointers(other));
  loop::Group<Dnsbl::Found> refused;
  for (int i = 20; i < 30; i++)
    refused.add(site.dnsbl.find(site.zone, *base::parse_address("192.0.2." + std::to_string(i))));
  for (const auto& found : site.result_of(refused.results()))
    CHECK(found.listing.codes.state() == State::unknown);
  site.result_of(open.results());
  site.result_of(site.dns.pointers(client));  // and there they are again
  site.list(*base::parse_address("192.0.2.99"), "127.0.0.4");
  CHECK(site.state(*base::parse_address("192.0.2.99")) == State::known);
  CHECK(log.text().find("is not asked for a while") == std::string::npos);
}

TEST_CASE("a silent zone costs one wait, and an alarm without its key") {
  LogText log;
  Site site;
  site.server.ignore_all(true);
  CHECK(site.state() == State::unknown);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; i++)
    CHECK(site.state(*base::parse_address("192.0.2." + std::to_string(i))) == State::unknown);
  CHECK(std::chrono::steady_clock::now() - start < milliseconds(2000));  // of 20 waits: twice that
  CHECK(log.text().find("DNS list list is not asked") != std::string::npos);
  CHECK(log.text().find(secret) == std::string::npos);
}
