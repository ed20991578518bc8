// What is written to the Shelf is read as it was, byte by byte.
// SPDX-License-Identifier: MIT

#include "cached/facts/cell_codec.h"

#include <doctest/doctest.h>

namespace {

using namespace facts;

const WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
base::Address address(const char* text) { return *base::parse_address(text); }

}  // namespace

TEST_CASE("cells are named by their addresses") {
  const CellId v4(address("62.239.237.1")), v6(address("2a00:2380:1:2::3"));
  CHECK(v4.key() == "c4:3eefed");
  CHECK(v6.key() == "c6:2a0023800001");
  CHECK(v4.text() == "62.239.237.0/24");
  CHECK(v6.text() == "2a00:2380:1::/48");
  CHECK(CellId(address("::ffff:62.239.237.9")).key() == "c4:3eefed");
  CHECK(v4.number() != v6.number());
  CHECK(CellId(address("0:1:3eef::1")).number() != v4.number());
  CHECK(network_field(v4, {address("62.0.0.0"), address("62.255.255.255")}) ==
        "n:3eefed00-3eefedff");
  CHECK(network_field(v4, {address("62.239.237.16"), address("62.239.237.31")}) ==
        "n:3eefed10-3eefed1f");
  CHECK(network_field(v6, {address("2a00:2380::"), address("2a00:2380:1:0:ffff::")}) ==
        "n:2a002380000100000000000000000000-2a00238000010000ffff000000000000");
  CHECK(as_key(3209) == "as:3209");
}

TEST_CASE("whatever bytes a text has, it is read as it was written") {
  const CellId cell(address("2a00:2380:1:2::3"));
  std::string bytes;
  for (int i = 0; i < 256; i++) bytes += static_cast<char>(i);
  const NetworkWord word{NetworkWord::Kind::known,
                         {address("2a00:2380::"), address("2a00:23ff::"), bytes,
                          Fact<std::string>::absent(), std::vector<std::string>{"A", bytes, "A"}},
                         "rdap.example"};
  const Fact<Origin> origin(
      Origin{{1, 4294967295}, *base::parse_network("2a00:2380::/25"), "GB", "ripencc"});
  Shelf::Kept kept;
  kept.fields = {{network_field(cell, word.range()), value_of(word, now)},
                 {"asn", value_of(origin, now)},
                 {"x", value_of(Trouble{now, 3})}};
  const auto read = parse_cell(cell, kept, now);
  REQUIRE(read.networks.size() == 1);
  CHECK(read.networks[0].value == word);
  CHECK(read.networks[0].told == now);
  REQUIRE(read.origin);
  CHECK(read.origin->value == origin);
  REQUIRE(read.trouble);
  CHECK(read.trouble->tries == 3);
  kept.flushed = now + std::chrono::seconds(1);
  CHECK(parse_cell(cell, kept, now).networks.empty());
  const auto name = parse_as_name(
      Shelf::Kept{{{"name", value_of(Fact<std::string>(bytes), now)}}, WallTime()}, now);
  REQUIRE(name);
  CHECK(*name->value.find() == bytes);
}

TEST_CASE("that there is none is written and read as such") {
  const CellId cell(address("192.0.2.1"));
  NetworkWord none{NetworkWord::Kind::none, {}, "rdap.example"};
  none.network.first = none.network.last = address("192.0.2.1");
  Shelf::Kept kept;
  kept.fields = {{network_field(cell, none.range()), value_of(none, now)},
                 {"asn", value_of(Fact<Origin>::absent(), now)}};
  const auto read = parse_cell(cell, kept, now);
  REQUIRE(read.networks.size() == 1);
  CHECK(read.networks[0].value.kind == NetworkWord::Kind::none);
  REQUIRE(read.origin);
  CHECK(read.origin->value.state() == State::absent);
  const auto name = parse_as_name(
      Shelf::Kept{{{"name", value_of(Fact<std::string>::absent(), now)}}, WallTime()}, now);
  REQUIRE(name);
  CHECK(name->value.state() == State::absent);
}

TEST_CASE("an absurd number of tries is bounded") {
  const CellId cell(address("192.0.2.1"));
  Shelf::Kept kept;
  kept.fields = {{"x", value_of(Trouble{now, 2'000'000'000})}};
  CHECK(parse_cell(cell, kept, now).trouble->tries == 100);
  kept.fields = {{"x", value_of(Trouble{now, -7})}};
  CHECK(!parse_cell(cell, kept, now).trouble);
  CHECK(pause_after(100, std::chrono::seconds(30)) == longest_pause);
}
