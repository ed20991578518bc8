// What hosts share on the Shelf, and that nothing on it does any harm.
// SPDX-License-Identifier: MIT

#include "cached/facts/registry.h"

#include "tests/facts/registry_world.h"

using namespace tests::registries;
using facts::Rir;

namespace {

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

struct Shared : World {
  FakeShelf shelf{true};
  Host host{*this, &shelf}, other{*this, &shelf};

  std::string network(WallTime told, const std::string& first, const std::string& last,
                      const std::string& name) const {
    return base::cat(R"({"told":)", milliseconds_of(told), R"(,"first":")", first, R"(","last":")",
                     last, R"(","name":")", name, R"(","from":"rdap.example"})");
  }
};

const std::string field = "n:c0000200-c00002ff", key = "c4:c00002";

}  // namespace

TEST_CASE("what one host was told the others know") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "NET", R"(,"entities":[{"handle":"A"},{"handle":"B"}])");
  world.add_origin("192.0.2.1", "3209 701 | 192.0.0.0/16 | DE | ripencc | ");
  world.texts["AS3209.asn.cymru.com"] = {
      World::Outcome::found, {"3209 | DE | ripencc | | Telef\xf3nica \"X\", DE"}, {}, {}};
  const auto network = world.host.hear("192.0.2.1");
  const auto origin = world.host.origin("192.0.2.1");
  const auto name = world.host.as_name(3209);
  const auto nothing = world.host.name("198.18.7.1");
  const auto unannounced = world.host.origin("198.18.7.1");
  REQUIRE(network.value.find());
  REQUIRE(origin.value.find());
  REQUIRE(name.value.find());
  world.now += minutes(10);
  CHECK(world.other.hear("192.0.2.77").value == network.value);
  CHECK(world.other.hear("192.0.2.77").age == minutes(10));
  CHECK(world.other.hear("192.0.2.77").from == "rdap.example");
  CHECK(world.other.origin("192.0.2.77").value == origin.value);
  CHECK(world.other.as_name(3209).value == name.value);
  CHECK(world.other.name("198.18.7.1") == "-");
  CHECK(world.other.origin("198.18.7.1").value.state() == State::absent);
  CHECK(world.asked.size() == 2);
  CHECK(world.asked_dns.size() == 3);
  CHECK(world.shelf.times[key] == hours(24 * 30));
  CHECK(world.shelf.fields[key].contains(field));
  CHECK(world.shelf.fields[key].contains("asn"));
  CHECK(world.shelf.fields.contains("as:3209"));
}

TEST_CASE("two hosts that want to know the same ask once") {
  Shared world;
  world.delay = milliseconds(30);
  world.add("192.0.0.0", "192.0.255.255", "NET");
  loop::Group<Heard<RegisteredNetwork>> all;
  for (auto* host : {&world.host, &world.other})
    for (int i = 1; i < 100; i++)
      all.add(host->registry.find_network(address(base::cat("192.0.2.", i)), Rir::ripencc,
                                          world.a_plan()));
  for (const auto& heard : world.result_of(all.results())) CHECK(heard.value.find());
  CHECK(world.asked.size() == 1);
}

TEST_CASE("when the host that was to ask tells nothing, another one asks") {
  Shared world;
  world.shelf.claimed = {"network.c4:c00002"};
  world.add("192.0.0.0", "192.0.255.255", "NET");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(world.host.name("192.0.2.1") == "NET");
  CHECK(std::chrono::steady_clock::now() - begin >= milliseconds(340));
  CHECK(world.shelf.reads == 4);
  CHECK(world.asked.size() == 1);
}

TEST_CASE("while nobody can be asked, the Shelf is not read again and again") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "NET");
  world.next = {status(0)};
  CHECK(world.host.name("198.51.100.1") == "?");
  CHECK(world.host.name("192.0.2.1") == "?");
  const int before = world.shelf.reads;
  for (int i = 2; i < 50; i++) CHECK(world.host.name(base::cat("192.0.2.", i)) == "?");
  CHECK(world.shelf.reads == before);
  CHECK(world.other.name("192.0.2.1") == "NET");  // which has not been told that it is out
  world.now += seconds(10);
  CHECK(world.host.name("192.0.2.1") == "NET");
  CHECK(world.asked.size() == 2);
}

TEST_CASE("what the Shelf knows that it does not have is not read") {
  World world;
  FakeShelf shelf(false);
  shelf.is_slow = false;
  Host host(world, &shelf);
  world.add("192.0.2.0", "192.0.2.255", "ONE");
  CHECK(host.name("192.0.2.1") == "ONE");
  CHECK(shelf.reads == 0);
  Host later(world, &shelf);
  CHECK(later.name("192.0.2.1") == "ONE");
  CHECK(shelf.reads == 1);
  CHECK(world.asked.size() == 1);
}

TEST_CASE("what was not on the Shelf is asked for as soon as somebody can be") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "NET");
  world.next = {status(0)};
  CHECK(world.host.name("198.51.100.1") == "?");
  world.now += seconds(29);
  CHECK(world.host.name("192.0.2.1") == "?");
  world.now += seconds(1);
  CHECK(world.host.name("192.0.2.1") == "NET");
}

TEST_CASE("when the host that was to ask was told nothing, the others take it from it") {
  Shared world;
  world.delay = milliseconds(10);
  world.next = {status(500), status(500)};
  loop::Group<Heard<RegisteredNetwork>> both;
  for (auto* host : {&world.host, &world.other})
    both.add(host->registry.find_network(address("192.0.2.1"), Rir::ripencc, world.a_plan()));
  const auto heard = world.result_of(both.results());
  CHECK(heard[0].problem == "RDAP of ripencc: HTTP status 500");
  CHECK(heard[1].problem.starts_with("asked in vain"));
  CHECK(world.asked.size() == 1);
}

TEST_CASE("what is old on the Shelf is told, and asked for by one host") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "OLD");
  CHECK(world.host.name("192.0.2.1") == "OLD");
  world.add("192.0.0.0", "192.0.255.255", "NEW");
  world.now += hours(24 * 8);
  world.shelf.claimed.clear();
  const auto heard = world.other.hear("192.0.2.1");
  CHECK(heard.source == Source::stale);
  CHECK(*heard.value.find()->name.find() == "OLD");
  world.finish();
  CHECK(world.asked.size() == 2);
  CHECK(world.host.name("192.0.2.1") == "OLD");  // it has not looked yet
  world.finish();
  CHECK(world.host.name("192.0.2.1") == "NEW");
  CHECK(world.asked.size() == 2);
}

TEST_CASE("C09 C10 C11 C14 what is not as we write it is as if it were not there") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "NET");
  const auto good = world.network(world.now, "192.0.2.0", "192.0.2.255", "SHELF");
  const auto of = [&](const std::string& name, const std::string& value) {
    world.shelf.fields[key] = {{name, value}};
    world.shelf.claimed.clear();
    const auto heard = Host(world, &world.shelf).name("192.0.2.1");
    world.shelf.fields.clear();
    return heard;
  };
  CHECK(of(field, good) == "SHELF");
  for (const std::string value :
       {"", "x", "null", "[]", "{}", R"({"told":"now"})", R"({"told":1e99,"first":"192.0.2.0"})",
        R"({"told":-5})", "\xff\xfe", "{\"told\":1763683200000"})
    CHECK(of(field, value) == "NET");
  CHECK(of(field, std::string(100'000, '[')) == "NET");
  for (const std::string name :
       {"session/abc", "n:", "n:c0000200", "n:c0000200-c00002fe", "n:c0000201-c00002ff",
        "n:C0000200-C00002FF", "asn", "x", "n:00000000-ffffffff"})
    CHECK(of(name, good) == "NET");
  // Networks of other cells, and of the other family.
  const auto elsewhere = [&](const char* first, const char* last) {
    return of(field, world.network(world.now, first, last, "ELSEWHERE"));
  };
  CHECK(elsewhere("192.0.3.0", "192.0.3.255") == "NET");
  CHECK(elsewhere("192.0.2.255", "192.0.2.0") == "NET");
  CHECK(elsewhere("::", "2001:db8::") == "NET");
  CHECK(elsewhere("192.0.2.0/24", "192.0.2.255") == "NET");
  CHECK(elsewhere("192.0.2.0", "") == "NET");
}

TEST_CASE("C14 an origin on the Shelf must be of the cell") {
  Shared world;
  world.add_origin("192.0.2.1", "1 | 192.0.0.0/16 | DE | ripencc | ");
  const auto number = [&](const std::string& prefix, const std::string& numbers) {
    world.shelf.fields[key]["asn"] =
        base::cat(R"({"told":)", milliseconds_of(world.now), R"(,"as":)", numbers, R"(,"prefix":")",
                  prefix, R"(","cc":"DE","registry":"ripencc"})");
    world.shelf.claimed.clear();
    const auto heard = Host(world, &world.shelf).origin("192.0.2.1");
    REQUIRE(heard.value.find());
    return heard.value.find()->as_numbers.front();
  };
  CHECK(number("192.0.0.0/8", "[7]") == 7);
  CHECK(number("192.0.2.128/25", "[7]") == 7);
  CHECK(number("192.0.3.0/24", "[7]") == 1);
  CHECK(number("::/0", "[7]") == 1);
  CHECK(number("192.0.0.0/8", "[]") == 1);
  CHECK(number("192.0.0.0/8", "7") == 1);
  CHECK(number("192.0.0.0/8", "[-7]") == 1);
}

TEST_CASE("a time that is yet to come does not make an answer last") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "NET");
  const auto told = [&](WallTime time) {
    world.shelf.fields[key] = {{field, world.network(time, "192.0.2.0", "192.0.2.255", "SHELF")}};
    world.shelf.claimed.clear();
    const auto heard = Host(world, &world.shelf).hear("192.0.2.1");
    CHECK(heard.age.count() >= 0);
    return *heard.value.find()->name.find();
  };
  CHECK(told(world.now + minutes(4)) == "SHELF");  // clocks differ
  CHECK(told(world.now + minutes(6)) == "NET");
  CHECK(told(world.now + hours(24 * 3650)) == "NET");
  CHECK(told(world.now - hours(24 * 29)) == "SHELF");
  CHECK(told(world.now - hours(24 * 31)) == "NET");
}

TEST_CASE("a cell is flushed here and on the Shelf, with the names of its systems") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "OLD");
  world.add_origin("192.0.2.1", "3209 | 192.0.0.0/16 | DE | ripencc | ");
  world.texts["AS3209.asn.cymru.com"] = {World::Outcome::found, {"3209 | | | | OLD"}, {}, {}};
  world.host.name("192.0.2.1");
  world.host.origin("192.0.2.1");
  world.host.as_name(3209);
  world.host.name("192.0.3.1");
  world.networks.clear();
  world.add("192.0.0.0", "192.0.255.255", "NEW");
  world.shelf.claimed.clear();
  world.host.registry.flush(address("192.0.2.1"));
  CHECK(!world.shelf.fields.contains(key));
  CHECK(!world.shelf.fields.contains("as:3209"));
  CHECK(world.host.name("192.0.2.1") == "NEW");
  CHECK(world.host.name("192.0.3.1") == "OLD");
  world.texts["AS3209.asn.cymru.com"].values = {"3209 | | | | NEW"};
  CHECK(*world.host.as_name(3209).value.find() == "NEW");
}

TEST_CASE("everything is flushed, and other hosts learn of it when they read the Shelf") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "OLD");
  CHECK(world.host.name("192.0.2.1") == "OLD");
  CHECK(world.other.name("192.0.2.1") == "OLD");
  world.networks.clear();
  world.add("192.0.0.0", "192.0.255.255", "NEW");
  world.shelf.claimed.clear();
  world.now += seconds(1);
  world.host.registry.flush_all();
  CHECK(world.host.name("192.0.2.1") == "NEW");
  CHECK(world.other.name("192.0.2.1") == "OLD");
  CHECK(world.other.name("192.0.9.1") == "NEW");
  CHECK(world.other.name("192.0.2.1") == "NEW");
}

TEST_CASE("a flush that is yet to come ends nothing") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "NET");
  world.shelf.flushed = world.now + hours(3);  // by a host whose clock is ahead
  CHECK(world.host.name("192.0.2.1") == "NET");
  CHECK(world.host.name("192.0.3.1") == "NET");
  world.now += minutes(1);
  CHECK(world.host.name("192.0.4.1") == "NET");
  CHECK(world.host.name("192.0.2.1") == "NET");
  CHECK(world.other.name("192.0.2.1") == "NET");
  CHECK(world.asked.size() == 3);
}

TEST_CASE("the Shelf does not grow without an end, however many networks a cell has") {
  Shared world;
  world.add_origin("2001:470:1::1", "6939 | 2001:470::/32 | US | arin | ");
  CHECK(world.host.origin("2001:470:1::1").value.find());
  for (int i = 0; i < 500; i++) world.host.name(base::cat("2001:470:1:", i, "::1"));
  CHECK(world.asked.size() == 500);
  CHECK(world.shelf.fields["c6:200104700001"].size() <= 130);
  CHECK(world.other.origin("2001:470:1::1").value.find()->as_numbers.front() == 6939);
  CHECK(world.asked_dns.size() == 1);
  CHECK(world.host.hear("2001:470:1:499::1").source == Source::remembered);
}

TEST_CASE("what is remembered of a cell is shown, here and on the Shelf") {
  Shared world;
  world.add("192.0.0.0", "192.0.255.255", "A <b>\\n",
            R"(,"country":"DE","entities":[{"handle":"X"},{"handle":"Y"}])");
  world.add_origin("192.0.2.1", "3209 701 | 192.0.0.0/16 | DE | ripencc | ");
  world.texts["AS3209.asn.cymru.com"] = {
      World::Outcome::found, {"3209 | | | | VODANET, DE"}, {}, {}};
  const auto show = [&](Host& host, const std::string& of) {
    return world.result_of(host.registry.show(address(of)));
  };
  CHECK(show(world.host, "192.0.2.1") == "");
  world.host.name("192.0.2.1");
  world.host.origin("192.0.2.1");
  world.host.as_name(3209);
  const std::string lines =
      "here 192.0.2.0/24 origin AS3209 AS701 192.0.0.0/16 cc=DE registry=ripencc from=<cymru> "
      "told=2026-11-21T00:00:00.000Z (fresh until 2026-11-22T00:00:00.000Z)\n"
      "here 192.0.2.0/24 AS3209 <VODANET, DE> from=<cymru> told=2026-11-21T00:00:00.000Z "
      "(fresh until 2026-11-28T00:00:00.000Z)\n"
      "here 192.0.2.0/24 network 192.0.0.0-192.0.255.255 name=<A \\x3cb\\x3e\\x0a> cc=DE "
      "entities=<X Y> from=<rdap.example> told=2026-11-21T00:00:00.000Z "
      "(fresh until 2026-11-28T00:00:00.000Z)\n";
  std::string shelved = lines;
  for (auto at = shelved.find("here"); at != std::string::npos; at = shelved.find("here"))
    shelved.replace(at, 4, "shelf");
  CHECK(show(world.host, "192.0.2.1") == lines + shelved);
  CHECK(show(world.other, "192.0.2.1").starts_with("shelf 192.0.2.0/24 origin AS3209"));
  world.now += hours(24 * 8);
  const auto later = show(world.host, "192.0.2.1");
  CHECK(later.find("old since 2026-11-28T00:00:00.000Z, told until 2026-12-21T00:00:00.000Z") !=
        std::string::npos);
  CHECK(later.find("not told any more") != std::string::npos);
}
