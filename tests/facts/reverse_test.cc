// Names of addresses: asked for once, remembered, told when stale, and never "none" by mistake.
// SPDX-License-Identifier: MIT

#include "cached/facts/reverse.h"

#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/clients/name_server.h"
#include "tests/loop/test_loop.h"

namespace {

using facts::Confirmed;
using facts::Fact;
using facts::Lifetimes;
using facts::Reverse;
using facts::Seen;
using facts::Source;
using facts::State;
using std::chrono::milliseconds;
using Names = std::vector<std::string>;

const base::Address client = *base::parse_address("192.0.2.7");
const std::string client_name = "7.2.0.192.in-addr.arpa";

struct Site : tests::TestLoop {
  tests::NameServer server{&loop};
  clients::Dns dns{&loop, server.options()};
  Reverse reverse{dns, 100};
  Reverse hasty{
      dns, 100, {milliseconds(150), milliseconds(150), milliseconds(900), milliseconds(300)}};

  Seen<Reverse::Names> names(Reverse& of, base::Address address = client) {
    return result_of(of.find_names(address));
  }
  Names names() { return *names(reverse).value.find(); }
  Confirmed confirmed(base::Address address = client) {
    return *result_of(reverse.find_confirmed(address)).value.find();
  }
  static loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
    auto waiting = loop::sleep(loop, time);
    co_await waiting;
  }
  void wait(int time) { run(pause(&loop, milliseconds(time))); }
};

}  // namespace

TEST_CASE("the names of an address are told as they came") {
  Site site;
  site.server.add(client_name, tests::ptr, "Mail-1.Example.ORG");
  site.server.add(client_name, tests::ptr, "_x.example.org");
  CHECK(site.names() == Names{"Mail-1.Example.ORG", "_x.example.org"});
}

TEST_CASE("at most five names are told, and none that could not stand in a log") {
  Site site;
  for (const char* bad : {"a b.example", "ev\"il.example", "a\nb.example", "caf\xc3\xa9.example",
                          "dot\\.ted.example", "a/b.example", "<>.example", "a=b.example", ""})
    site.server.add(client_name, tests::ptr, bad);
  CHECK(site.names(site.hasty).value.state() == State::absent);
  for (int i = 0; i < 10; i++)
    site.server.add(client_name, tests::ptr, std::to_string(i) + ".example");
  CHECK(site.names() == Names{"0.example", "1.example", "2.example", "3.example", "4.example"});
}

TEST_CASE("host names are of the lengths that DNS allows") {
  CHECK(facts::is_plain_host_name("localhost"));
  CHECK(facts::is_plain_host_name(std::string(63, 'a') + ".example"));
  for (const auto& bad : {std::string(), std::string("."), std::string("a..b"), std::string("a."),
                          std::string(".a"), std::string(64, 'a'), std::string("a\0b", 3)})
    CHECK(!facts::is_plain_host_name(bad));
  std::string longest;
  while (longest.size() < 252) longest += "a.";
  CHECK(facts::is_plain_host_name(longest + "a"));
  CHECK(!facts::is_plain_host_name(longest + "aa"));
}

TEST_CASE("no name and no record are absent, and remembered") {
  Site site;
  CHECK(site.names(site.reverse).value.state() == State::absent);
  CHECK(site.names(site.reverse).value.state() == State::absent);
  CHECK(site.server.asked() == 1);
  CHECK(site.confirmed() == Confirmed::none);
}

TEST_CASE("what nobody could tell is unknown and not absent") {
  Site site;
  site.server.set_all({{}, tests::server_failure, 0, {}, {}});
  CHECK(site.names(site.reverse).value.state() == State::unknown);
  CHECK(site.confirmed() == Confirmed::temporary_error);
  site.server.ignore_all(true);
  CHECK(site.names(site.hasty).value.state() == State::unknown);
}

TEST_CASE("a server that is away is not asked again for the same address for a while (D09)") {
  Site site;
  site.server.ignore_all(true);
  CHECK(site.names(site.hasty).value.state() == State::unknown);
  const int asked = site.server.asked();
  CHECK(site.names(site.hasty).value.state() == State::unknown);
  CHECK(site.server.asked() == asked);
  site.server.ignore_all(false);
  site.server.add(client_name, tests::ptr, "host.example");
  site.wait(310);
  CHECK(*site.names(site.hasty).value.find() == Names{"host.example"});
}

TEST_CASE("many logins from one address are one question") {
  Site site;
  site.server.set(client_name, tests::ptr,
                  {{{client_name, tests::ptr, "host.example"}}, 0, 0, milliseconds(20), {}});
  loop::Group<Seen<Reverse::Names>> all;
  for (int i = 0; i < 50; i++) all.add(site.reverse.find_names(client));
  for (const auto& seen : site.result_of(all.results()))
    CHECK(*seen.value.find() == Names{"host.example"});
  CHECK(site.server.asked() == 1);
  const auto again = site.names(site.reverse);
  CHECK(again.source == Source::remembered);
  CHECK(site.server.asked() == 1);
}

TEST_CASE("an address is one address, mapped or not") {
  Site site;
  site.server.add(client_name, tests::ptr, "host.example");
  CHECK(site.names() == Names{"host.example"});
  const auto mapped = site.names(site.reverse, *base::parse_address("::ffff:192.0.2.7"));
  CHECK(mapped.source == Source::remembered);
}

TEST_CASE("a stale name is told at once while it is asked for again") {
  Site site;
  site.server.add(client_name, tests::ptr, "old.example");
  CHECK(site.names(site.hasty).source == Source::asked);
  site.server.forget(client_name, tests::ptr);
  site.server.add(client_name, tests::ptr, "new.example");
  site.wait(160);
  const auto seen = site.names(site.hasty);
  CHECK(seen.source == Source::stale);
  CHECK(seen.age >= milliseconds(150));
  CHECK(*seen.value.find() == Names{"old.example"});
  const auto is_new = [&] {
    const auto now = site.names(site.hasty);
    return now.source == Source::remembered && *now.value.find() == Names{"new.example"};
  };
  CHECK(site.run_until(is_new));
  CHECK(site.server.asked() == 2);
}

TEST_CASE("names are recalled without asking, as long as they need not be asked for again") {
  Site site;
  site.server.add(client_name, tests::ptr, "host.example");
  site.server.add("host.example", tests::a, "192.0.2.7");
  CHECK(!site.reverse.recall_names(client));
  CHECK(site.confirmed() == Confirmed::pass);
  const int asked = site.server.asked();
  const auto seen = site.reverse.recall_names(client);
  REQUIRE(seen);
  CHECK(*seen->value.find() == Names{"host.example"});
  CHECK(seen->source == Source::remembered);
  CHECK(site.reverse.recall_confirmed(client, seen->value) == Confirmed::pass);
  CHECK(!site.reverse.recall_confirmed(client, Names{"other.example"}));
  CHECK(site.reverse.recall_confirmed(client, Reverse::Names::absent()) == Confirmed::none);
  CHECK(site.reverse.recall_confirmed(client, {}) == Confirmed::temporary_error);
  CHECK(site.server.asked() == asked);
  CHECK(site.names(site.hasty).source == Source::asked);
  site.wait(160);
  CHECK(!site.hasty.recall_names(client));
}

TEST_CASE("a stale name outlives servers that are away, but not for ever") {
  Site site;
  site.server.add(client_name, tests::ptr, "host.example");
  site.names(site.hasty);
  site.server.set_all({{}, tests::server_failure, 0, {}, {}});
  site.server.forget(client_name, tests::ptr);
  site.wait(160);
  CHECK(*site.names(site.hasty).value.find() == Names{"host.example"});
  site.wait(50);
  const int asked = site.server.asked();
  const auto seen = site.names(site.hasty);
  CHECK(*seen.value.find() == Names{"host.example"});
  CHECK(seen.source == Source::stale);
  CHECK(site.server.asked() == asked);  // not asked again so soon
  site.wait(900);
  CHECK(site.names(site.hasty).value.state() == State::unknown);
}

TEST_CASE("a name is confirmed when it leads back to the address") {
  Site site;
  site.server.add(client_name, tests::ptr, "one.example");
  site.server.add(client_name, tests::ptr, "two.example");
  site.server.add("two.example", tests::a, "192.0.2.99");
  site.server.add("two.example", tests::a, "192.0.2.7");
  CHECK(site.confirmed() == Confirmed::pass);
  CHECK(site.server.asked() == 3);
  CHECK(site.confirmed() == Confirmed::pass);
  CHECK(site.server.asked() == 3);
}

TEST_CASE("a name that leads elsewhere or nowhere is not confirmed") {
  Site site;
  site.server.add(client_name, tests::ptr, "one.example");
  site.server.add(client_name, tests::ptr, "gone.example");
  site.server.add("one.example", tests::a, "192.0.2.8");
  CHECK(site.confirmed() == Confirmed::fail);
}

TEST_CASE("a name that could not be looked up may still be right") {
  Site site;
  site.server.add(client_name, tests::ptr, "one.example");
  site.server.add(client_name, tests::ptr, "slow.example");
  site.server.set("slow.example", tests::a, {{}, tests::server_failure, 0, {}, {}});
  CHECK(site.confirmed() == Confirmed::temporary_error);
}

TEST_CASE("an IPv6 address is confirmed by AAAA") {
  Site site;
  const auto address = *base::parse_address("2001:db8::1");
  site.server.add(clients::reversed_labels(address) + ".ip6.arpa", tests::ptr, "six.example");
  site.server.add("six.example", tests::aaaa, "2001:db8:0:0::1");
  CHECK(site.confirmed(address) == Confirmed::pass);
}

TEST_CASE("names can be had before they are confirmed") {
  Site site;
  site.server.add(client_name, tests::ptr, "host.example");
  site.server.set("host.example", tests::a,
                  {{{"host.example", tests::a, "192.0.2.7"}}, 0, 0, milliseconds(50), {}});
  bool confirmed = false;
  const auto confirm = [](Reverse& reverse, bool& done) -> loop::Task<void> {
    const auto seen = co_await reverse.find_confirmed(client);
    done = *seen.value.find() == Confirmed::pass;
  };
  loop::spawn(confirm(site.reverse, confirmed));
  std::optional<Seen<Reverse::Names>> names;
  loop::spawn(tests::TestLoop::keep(site.reverse.find_names(client), names));
  while (!names) uv_run(&site.loop, UV_RUN_ONCE);
  CHECK(!confirmed);
  while (!confirmed) uv_run(&site.loop, UV_RUN_ONCE);
  CHECK(site.server.asked() == 2);
}
