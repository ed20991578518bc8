// The longest network around an address: against a plain walk through all of them, and where the
// predecessors went wrong.
// SPDX-License-Identifier: MIT

#include "cached/rules/networks.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "cached/base/text.h"

using base::Address;
using base::Network;
using rules::Live;
using rules::Networks;
using rules::Rule;
using rules::RuleId;

namespace {

constexpr rules::Time now = 1'800'000'000;

Network network(std::string_view text) {
  const auto parsed = base::parse_network(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

Address address(std::string_view text) {
  const auto parsed = base::parse_address(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

// A list as it is written, one network a line; one with a minus before it has ended.
struct List {
  explicit List(std::initializer_list<std::string_view> lines) {
    for (std::string_view line : lines) {
      const bool ended = line.starts_with('-');
      add(network(line.substr(ended)), ended);
    }
    networks.build();
  }
  List() = default;

  void add(const Network& one, bool ended) {
    networks.add(one, static_cast<RuleId>(rules.size()));
    rules.push_back({1, ended ? now : rules::for_ever, 0});
    all.push_back(one);
  }
  // The number of the line, from 0; -1: none.
  int find(const Address& client) const {
    const auto id = networks.find(client, Live(rules, now));
    return id ? static_cast<int>(*id) : -1;
  }
  int find(std::string_view client) const { return find(address(client)); }
  int find_slowly(const Address& client) const {
    const Live live(rules, now);
    int best = -1;
    for (int i = 0; i < std::ssize(all); i++) {
      const auto at = static_cast<std::size_t>(i);
      if (!live(static_cast<RuleId>(i)) || !all[at].contains(client)) continue;
      if (best < 0 || all[at].prefix > all[static_cast<std::size_t>(best)].prefix) best = i;
    }
    return best;
  }

  Networks networks;
  std::vector<Rule> rules;
  std::vector<Network> all;
};

// Addresses that lie in each other's networks often, because only a few bits of them vary.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(engine_); }

  Address address() {
    Address address = *base::parse_address(below(2) ? "10.0.0.0" : "2a01:4f8::");
    const bool v4 = address.is_v4();
    for (int i = below(6); i > 0; i--)
      address.bytes[static_cast<std::size_t>(v4 ? 12 + below(4) : below(16))] ^=
          static_cast<unsigned char>(1 << below(8));
    return address;
  }
  Network network() {
    const Address start = address();
    const int least = start.is_v4() ? 96 : 0;
    Network network{start, below(4) ? least + below(129 - least) : 128};
    for (int bit = network.prefix; bit < 128; bit++)
      network.address.bytes[static_cast<std::size_t>(bit / 8)] &=
          static_cast<unsigned char>(~(0x80 >> bit % 8));
    return network;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace

TEST_CASE("the longest network around an address is found, whatever else is in the list") {
  Random random(4);
  int found = 0;
  for (int round = 0; round < 400; round++) {
    List list;
    const int lines = random.below(round < 20 ? 3 : 200);
    for (int i = 0; i < lines; i++) {
      const bool again = i > 0 && random.below(8) == 0;
      const auto one =
          again ? list.all[static_cast<std::size_t>(random.below(i))] : random.network();
      list.add(one, random.below(3) == 0);
    }
    list.networks.build();
    for (int i = 0; i < 100; i++) {
      const Address client = random.address();
      const int line = list.find(client);
      REQUIRE(line == list.find_slowly(client));
      found += line >= 0;
    }
    for (const auto& one : list.all)
      REQUIRE(list.find(one.address) == list.find_slowly(one.address));
  }
  CHECK(found > 10'000);
  CHECK(found < 39'000);
}

TEST_CASE("networks in networks: the innermost one counts") {
  const List list({"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32",
                   "10.1.2.4/31", "10.200.0.0/16"});
  CHECK(list.find("10.1.2.3") == 4);
  CHECK(list.find("10.1.2.5") == 5);
  CHECK(list.find("10.1.2.6") == 3);
  CHECK(list.find("10.1.3.0") == 2);
  CHECK(list.find("10.2.0.0") == 1);
  CHECK(list.find("10.201.0.0") == 1);
  CHECK(list.find("11.0.0.0") == 0);
  CHECK(list.find("255.255.255.255") == 0);
  CHECK(list.find("0.0.0.0") == 0);
  CHECK(list.find("::") == -1);

  const List v6({"::/0", "2a01::/16", "2a01:4f8::/64", "2a01:4f8::/65", "2a01:4f8::1/128",
                 "2a01:4f8::2/127"});
  CHECK(v6.find("2a01:4f8::1") == 4);
  CHECK(v6.find("2a01:4f8::3") == 5);
  CHECK(v6.find("2a01:4f8::4") == 3);
  CHECK(v6.find("2a01:4f8::8000:0:0:0") == 2);
  CHECK(v6.find("2a01:4f9::") == 1);
  CHECK(v6.find("2a02::") == 0);
  CHECK(v6.find("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == 0);
  CHECK(v6.find("0.0.0.0") == -1);
}

TEST_CASE("a rule that has ended hides neither a larger network nor the same one further down") {
  const List list({"10.0.0.0/8", "-10.1.0.0/16", "-10.1.2.0/24", "10.1.2.0/24", "10.1.2.0/24",
                   "-10.1.2.3/32", "-11.0.0.0/8", "-2a01::1", "2a01::1", "-2a01::2", "2a01::/64",
                   "2a01::/80", "-2a01::/80"});
  CHECK(list.find("10.1.2.3") == 3);
  CHECK(list.find("10.1.3.1") == 0);
  CHECK(list.find("11.0.0.1") == -1);
  CHECK(list.find("2a01::1") == 8);
  CHECK(list.find("2a01::2") == 11);
  CHECK(list.find("2a01::1:0:0:0") == 10);
}

TEST_CASE("a network of one family never holds an address of the other") {
  CHECK(List({"::/64"}).find("8.8.8.8") == -1);                       // B17
  CHECK(List({"::/0", "::/1", "::/96"}).find("8.8.8.8") == -1);       // B17
  CHECK(List({"8.8.8.0/24"}).find("2a00:1450:4001::808:801") == -1);  // B18
  CHECK(List({"0.0.0.0/0"}).find("2a00:1450:4001::808:801") == -1);   // B19
  CHECK(List({"0.0.0.0/0"}).find("::8.8.8.8") == -1);                 // B19
  CHECK(List({"::/64", "::/0"}).find("139.162.133.252") == -1);       // C03
  CHECK(List({"8.8.8.0/24"}).find("2a01:4f8::808:801") == -1);        // C14
  CHECK(List({"109.42.242.0/24"}).find("2001:db8::6d2a:f201") == -1);
  CHECK(List({"139.162.133.0/24"}).find("::ffff:139.162.133.252") == 0);  // D10
  CHECK(List({"::ffff:139.162.133.0/120"}).find("139.162.133.252") == 0);
  CHECK(List({"::ffff:0:0/95", "::ffff:0:0/64"}).find("139.162.133.252") == -1);
}

TEST_CASE("host bits are cleared, and a bare address is a network (B14, B34)") {
  for (const char* line : {"176.112.170.0/21", "176.112.168.0/21"}) {
    const List list({line});
    CHECK(list.find("176.112.167.255") == -1);
    CHECK(list.find("176.112.168.0") == 0);
    CHECK(list.find("176.112.175.255") == 0);
    CHECK(list.find("176.112.176.0") == -1);
  }
  CHECK(List({"185.199.108.1/24"}).find("185.199.108.0") == 0);  // B34
  const List bare({"139.162.133.252", "2a01:4f8::1"});           // B14
  CHECK(bare.find("139.162.133.252") == 0);
  CHECK(bare.find("139.162.133.253") == -1);
  CHECK(bare.find("2a01:4f8::1") == 1);
  CHECK(bare.find("2a01:4f8::2") == -1);
}

TEST_CASE("without networks nothing is found") {
  const List list({});
  CHECK(list.find("1.2.3.4") == -1);
  CHECK(list.find("::") == -1);
  CHECK(list.networks.bytes() == 0);
}

// With its rules::Rule a line may take 32 bytes; tests/bench/networks.cc measures the time.
TEST_CASE("a line of a very long list takes at most 20 bytes") {
  static_assert(sizeof(Rule) == 12);
  for (const char* kind : {"/32", "/24", "/64", "/128"}) {
    List list;
    const bool v6 = std::string_view(kind) == "/64" || std::string_view(kind) == "/128";
    for (int i = 0; i < 20'000; i++)
      list.networks.add(network(v6 ? base::cat("2a01:", i / 100, ":", i % 100, "::", kind)
                                   : base::cat("10.", i / 200, ".", i % 200, ".0", kind)),
                        static_cast<RuleId>(i));
    list.networks.build();
    CHECK_MESSAGE(list.networks.bytes() <= 20 * 20'000, kind);
  }
}
