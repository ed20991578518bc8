// What a host learns from the registries, remembers, and tells when it is old.
// SPDX-License-Identifier: MIT

#include "cached/facts/registry.h"

#include "tests/facts/registry_world.h"

using namespace tests::registries;
using facts::Rir;
using Words = std::vector<std::string>;

TEST_CASE("a registry is asked once about a network that fills the cell") {
  World world;
  Host host(world);
  world.add("192.0.0.0", "192.0.255.255", "NET", R"(,"country":"DE","entities":[{"handle":"A"}])");
  const auto cold = host.hear("192.0.2.1");
  REQUIRE(cold.value.find());
  CHECK(*cold.value.find()->name.find() == "NET");
  CHECK(*cold.value.find()->country.find() == "DE");
  CHECK(*cold.value.find()->entities.find() == Words{"A"});
  CHECK(base::text_of(cold.value.find()->last) == "192.0.255.255");
  CHECK(cold.source == Source::asked);
  CHECK(cold.from == "rdap.example");
  CHECK(cold.problem == "");
  world.now += hours(1);
  const auto warm = host.hear("192.0.2.200");
  CHECK(warm.value == cold.value);
  CHECK(warm.source == Source::remembered);
  CHECK(warm.age == hours(1));
  CHECK(host.name("192.0.3.1") == "NET");  // another cell
  CHECK(world.asked == Words{"192.0.2.1", "192.0.3.1"});
}

TEST_CASE("K18 K19 a network without a name or a country is known all the same") {
  World world;
  Host host(world);
  auto nameless = document("192.0.2.0", "192.0.2.255", "");
  world.next = {nameless};
  const auto heard = host.hear("192.0.2.1");
  REQUIRE(heard.value.find());
  CHECK(heard.value.find()->name.state() == State::absent);
  CHECK(heard.value.find()->country.state() == State::absent);
  CHECK(heard.value.find()->entities.state() == State::absent);
}

TEST_CASE("what is old is told at once, and asked for again in the background") {
  World world;
  Host host(world);
  world.add("192.0.2.0", "192.0.2.255", "OLD");
  CHECK(host.name("192.0.2.1") == "OLD");
  world.add("192.0.2.0", "192.0.2.255", "NEW");
  world.delay = milliseconds(20);
  world.now += hours(24 * 7);
  for (int i = 0; i < 50; i++) {
    const auto stale = host.hear("192.0.2.1");
    CHECK(*stale.value.find()->name.find() == "OLD");
    CHECK(stale.source == Source::stale);
    CHECK(stale.age == hours(24 * 7));
  }
  world.finish();
  CHECK(world.asked.size() == 2);
  const auto fresh = host.hear("192.0.2.1");
  CHECK(*fresh.value.find()->name.find() == "NEW");
  CHECK(fresh.source == Source::remembered);
}

TEST_CASE("what is remembered is recalled without asking, what is old is asked for again, once") {
  World world;
  Host host(world);
  const auto of = address("192.0.2.1");
  const auto recall = [&] {
    return host.registry.recall_network(of, Rir::ripencc, world.a_plan());
  };
  world.add("192.0.2.0", "192.0.2.255", "OLD");
  world.add_origin("192.0.2.1", "64500 64501 | 192.0.2.0/24 | DE | ripencc | 2020-01-01");
  world.texts[facts::as_name_of(64500)] = {clients::DnsAnswer::Outcome::found,
                                           {"64500 | DE | ripencc | 2020-01-01 | EXAMPLE, DE"},
                                           seconds(60),
                                           {}};
  CHECK(!recall());
  CHECK(!host.registry.recall_origin(of, world.a_plan()));
  CHECK(!host.registry.recall_as_name(64500, world.a_plan()));
  CHECK((world.asked.empty() && world.asked_dns.empty()));
  CHECK(host.name("192.0.2.1") == "OLD");
  CHECK(host.origin("192.0.2.1").source == Source::asked);
  CHECK(host.as_name(64500).source == Source::asked);
  world.now += minutes(1);
  const auto network = recall();
  REQUIRE(network);
  CHECK(*network->value.find()->name.find() == "OLD");
  CHECK(network->source == Source::remembered);
  CHECK(network->age == minutes(1));
  CHECK(network->from == "rdap.example");
  const auto origin = host.registry.recall_origin(of, world.a_plan());
  REQUIRE(origin);
  CHECK(origin->value.find()->as_numbers == std::vector<std::uint32_t>{64500, 64501});
  const auto name = host.registry.recall_as_name(64500, world.a_plan());
  REQUIRE(name);
  CHECK(*name->value.find() == "EXAMPLE, DE");
  CHECK(world.asked.size() == 1);
  CHECK(world.asked_dns.size() == 2);
  world.delay = milliseconds(20);
  world.now += hours(24 * 7);
  for (int i = 0; i < 3; i++) CHECK(recall()->source == Source::stale);
  world.finish();
  CHECK(recall()->source == Source::remembered);
  CHECK(world.asked.size() == 2);
  world.plan.ask = facts::RegistryPlan::Ask::never;
  CHECK(!recall());
}

TEST_CASE("what is too old is not told any more") {
  World world;
  Host host(world);
  world.add("192.0.2.0", "192.0.2.255", "OLD");
  CHECK(host.name("192.0.2.1") == "OLD");
  world.now += hours(24 * 30);
  world.next = {status(0)};
  const auto heard = host.hear("192.0.2.1");
  CHECK(heard.value.state() == State::unknown);
  CHECK(heard.problem == "RDAP of ripencc: no whole answer in time");
}

TEST_CASE("D11 how long an answer counts is what the plan says now, not when it was told") {
  World world;
  Host host(world);
  world.add("192.0.2.0", "192.0.2.255", "OLD");
  CHECK(host.name("192.0.2.1") == "OLD");
  world.add("192.0.2.0", "192.0.2.255", "NEW");
  world.plan.network = {seconds(2), seconds(2)};
  world.now += seconds(1);
  CHECK(host.name("192.0.2.1") == "OLD");
  world.now += seconds(2);
  CHECK(host.name("192.0.2.1") == "NEW");
  world.plan.network = {hours(1), hours(2)};
  world.now += minutes(59);
  CHECK(host.name("192.0.2.1") == "NEW");
  CHECK(world.asked.size() == 2);
}

TEST_CASE("a registry that knows no network speaks for the address alone, of IPv6 for its /64") {
  World world;
  Host host(world);
  world.add("192.0.2.128", "192.0.2.255", "UPPER");
  for (int i = 0; i < 3; i++) CHECK(host.name("192.0.2.1") == "-");
  CHECK(host.name("192.0.2.200") == "UPPER");
  CHECK(host.name("192.0.2.2") == "-");
  CHECK(world.asked == Words{"192.0.2.1", "192.0.2.200", "192.0.2.2"});
  world.now += hours(6) - seconds(1);
  CHECK(host.name("192.0.2.1") == "-");
  CHECK(world.asked.size() == 3);
  world.now += seconds(2);
  CHECK(host.name("192.0.2.1") == "-");
  CHECK(world.asked.size() == 4);
  for (int i = 1; i < 9; i++) CHECK(host.name("2001:470:1:2::" + std::to_string(i)) == "-");
  CHECK(world.asked.size() == 5);
  world.next = {status(400)};
  CHECK(host.name("2001:470:1:3::1") == "-");
}

TEST_CASE("C13 two customers in one announced prefix have their own names, in either order") {
  for (const bool reverse : {false, true}) {
    World world;
    FakeShelf shelf(true);
    Host host(world, &shelf), other(world, &shelf);
    world.add("62.239.0.0", "62.239.255.255", "BT-WIDE");
    world.add("62.239.237.0", "62.239.237.255", "BT-CORPORATE");
    std::vector<std::pair<std::string, std::string>> all = {{"62.239.237.1", "BT-CORPORATE"},
                                                            {"62.239.238.1", "BT-WIDE"}};
    if (reverse) std::reverse(all.begin(), all.end());
    for (int round = 0; round < 2; round++)
      for (const auto& [of, name] : all) CHECK(host.name(of) == name);
    CHECK(world.asked.size() == 2);
    CHECK(other.name("62.239.237.9") == "BT-CORPORATE");
    CHECK(other.name("62.239.238.9") == "BT-WIDE");
    CHECK(world.asked.size() == 2);
    CHECK(other.hear("62.239.238.9").source == Source::remembered);
  }
}

TEST_CASE("of the networks around an address the smallest counts") {
  World world;
  Host host(world);
  world.add("10.9.0.0", "10.9.255.255", "WIDE");
  world.add("10.9.8.16", "10.9.8.31", "SMALL");
  world.add("10.9.8.16", "10.9.8.19", "TINY");
  CHECK(host.name("10.9.8.16") == "TINY");
  CHECK(host.name("10.9.8.20") == "SMALL");
  CHECK(host.name("10.9.8.1") == "WIDE");
  CHECK(host.name("10.9.8.17") == "TINY");
  CHECK(host.name("10.9.8.31") == "SMALL");
  CHECK(host.name("10.9.8.32") == "WIDE");
  CHECK(world.asked.size() == 3);
}

TEST_CASE("a network that is no more gives way to the one around it") {
  World world;
  FakeShelf shelf(true);
  Host host(world, &shelf);
  world.add("10.9.8.16", "10.9.8.31", "SMALL");
  CHECK(host.name("10.9.8.16") == "SMALL");
  world.networks.clear();
  world.add("10.9.0.0", "10.9.255.255", "WIDE");
  world.now += hours(24 * 8);
  shelf.claimed.clear();
  CHECK(host.name("10.9.8.16") == "SMALL");
  world.finish();
  CHECK(host.name("10.9.8.16") == "WIDE");
  Host other(world, &shelf);
  CHECK(other.name("10.9.8.16") == "WIDE");
}

TEST_CASE("a thousand who want to know a cell at once cause one question") {
  World world;
  Host host(world);
  world.delay = milliseconds(20);
  world.add("192.0.0.0", "192.0.255.255", "NET");
  loop::Group<Heard<RegisteredNetwork>> all;
  for (int i = 0; i < 1000; i++)
    all.add(host.registry.find_network(address("192.0.2." + std::to_string(i % 256)), Rir::ripencc,
                                       world.a_plan()));
  for (const auto& heard : world.result_of(all.results())) {
    REQUIRE(heard.value.find());
    CHECK(*heard.value.find()->name.find() == "NET");
    CHECK(heard.source == Source::asked);
  }
  CHECK(world.asked.size() == 1);
}

TEST_CASE("who waits for a cell of small networks is told of his own") {
  World world;
  Host host(world);
  world.delay = milliseconds(5);
  for (int i = 0; i < 256; i += 16) {
    const auto number = [&](int n) { return "192.0.2." + std::to_string(i + n); };
    world.add(number(0), number(15), "NET-" + std::to_string(i));
  }
  loop::Group<Heard<RegisteredNetwork>> all;
  for (int i = 0; i < 256; i++)
    all.add(host.registry.find_network(address("192.0.2." + std::to_string(i)), Rir::ripencc,
                                       world.a_plan()));
  const auto heard = world.result_of(all.results());
  for (std::size_t i = 0; i < 256; i++) {
    REQUIRE(heard[i].value.find());
    CHECK(*heard[i].value.find()->name.find() == "NET-" + std::to_string(i / 16 * 16));
  }
  CHECK(world.asked.size() >= 16);
}

TEST_CASE("origins: several systems, none announced, and the name of one") {
  World world;
  Host host(world);
  world.add_origin("216.90.108.31", "23028 701 | 216.90.108.0/24 | US | arin | 1998-09-25");
  const auto multiple = host.origin("216.90.108.31");
  REQUIRE(multiple.value.find());
  CHECK(multiple.value.find()->as_numbers == std::vector<std::uint32_t>{23028, 701});
  CHECK(multiple.from == "cymru");
  CHECK(host.origin("216.90.108.99").source == Source::remembered);
  CHECK(host.origin("203.0.114.1").value.state() == State::absent);
  CHECK(host.origin("203.0.114.2").value.state() == State::absent);
  world.now += hours(1);
  CHECK(host.origin("203.0.114.2").source == Source::asked);
  CHECK(world.asked_dns.size() == 3);
  world.texts["AS701.asn.cymru.com"] = {
      World::Outcome::found, {"701 | US | arin | 1990-08-03 | UUNET, US"}, {}, {}};
  CHECK(*host.as_name(701).value.find() == "UUNET, US");
  CHECK(host.as_name(701).source == Source::remembered);
  CHECK(host.as_name(702).value.state() == State::absent);
}

TEST_CASE("C14 an origin of another prefix is no answer") {
  World world;
  Host host(world);
  world.add_origin("2a01:4f8::808:801", "15169 | 8.8.8.0/24 | US | arin | 2014-03-14");
  const auto heard = host.origin("2a01:4f8::808:801");
  CHECK(heard.value.state() == State::unknown);
  CHECK(heard.problem == "Team Cymru: its answer is of another prefix");
}

TEST_CASE("the registry to ask is the one that the origin names, and Japan needs no other") {
  World world;
  Host host(world);
  world.plan.rdap[static_cast<std::size_t>(Rir::apnic)] = "https://rdap.apnic.example";
  world.add_origin("210.130.1.1", "2497 | 210.130.0.0/16 | JP | apnic | 1996-09-30");
  world.add("210.130.0.0", "210.130.255.255", "IIJ");
  CHECK(host.name("210.130.1.1", Rir::none) == "IIJ");
  CHECK(world.asked.size() == 1);
  CHECK(host.name("203.0.114.1", Rir::none) == "?");
  CHECK(host.hear("203.0.114.1", Rir::none).problem == "no registry is known for it");
  CHECK(host.hear("203.0.114.1", Rir::lacnic).problem == "[registry] does not name lacnic");
  CHECK(world.asked.size() == 1);
}

TEST_CASE("nobody is asked when the configuration says never") {
  World world;
  FakeShelf shelf(false);
  Host host(world, &shelf);
  world.plan.ask = facts::RegistryPlan::Ask::never;
  CHECK(host.name("192.0.2.1") == "?");
  CHECK(host.origin("192.0.2.1").problem == "[registry] ask is never");
  world.plan.ask = facts::RegistryPlan::Ask::lists;
  world.plan.cymru = false;
  CHECK(host.origin("192.0.2.1").problem == "[registry] cymru is no");
  CHECK(world.asked.size() + world.asked_dns.size() == 0);
}

TEST_CASE("what is old is asked for so often a second, after a first ten") {
  World world;
  Host host(world);
  world.add("10.0.0.0", "10.255.255.255", "NET");
  const auto cell = [](int i) { return "10.0." + std::to_string(i) + ".1"; };
  for (int i = 0; i < 40; i++) host.name(cell(i));
  world.now += hours(24 * 8);
  for (int i = 0; i < 40; i++) CHECK(host.hear(cell(i)).source == Source::stale);
  world.finish();
  CHECK(world.asked.size() == 50);
  world.now += seconds(3);
  for (int i = 0; i < 40; i++) host.hear(cell(i));
  world.finish();
  CHECK(world.asked.size() == 53);
}

TEST_CASE("no more cells are remembered than are allowed") {
  World world;
  Host host(world, nullptr, 100);
  world.add("10.0.0.0", "10.255.255.255", "NET");
  for (int i = 0; i < 256; i++) {
    host.name("10.1." + std::to_string(i) + ".1");
    host.name("10.1.7.1");
  }
  CHECK(world.asked.size() >= 256);
  CHECK(world.asked.size() <= 258);  // what is used stays
  CHECK(host.hear("10.1.255.1").source == Source::remembered);
  CHECK(host.hear("10.1.8.1").source == Source::asked);
}

TEST_CASE("after a clock was set back what is told then counts, and is asked for once") {
  World world;
  FakeShelf shelf(false);
  Host host(world, &shelf);
  world.add("192.0.2.0", "192.0.2.15", "OLD");
  world.add_origin("192.0.2.1", "1 | 192.0.0.0/16 | DE | ripencc | ");
  CHECK(host.name("192.0.2.1") == "OLD");
  CHECK(host.origin("192.0.2.1").value.find()->as_numbers.front() == 1);
  host.registry.flush_all();
  CHECK(host.name("192.0.2.1") == "OLD");
  CHECK(host.origin("192.0.2.1").value.find()->as_numbers.front() == 1);
  world.asked.clear();
  world.asked_dns.clear();
  world.now -= hours(24);
  world.networks.clear();
  world.add("192.0.2.0", "192.0.2.15", "NEW");
  world.add_origin("192.0.2.1", "2 | 192.0.0.0/16 | DE | ripencc | ");
  for (int i = 0; i < 3; i++) {
    CHECK(host.name("192.0.2.1") == "NEW");
    const auto origin = host.origin("192.0.2.1");
    REQUIRE(origin.value.find());
    CHECK(origin.value.find()->as_numbers.front() == 2);
  }
  CHECK(world.asked.size() == 1);
  CHECK(world.asked_dns.size() == 1);
}
