// Addresses and networks, good ones and bad ones.
// SPDX-License-Identifier: MIT

#include "cached/base/ip.h"

#include <doctest/doctest.h>

using base::Network;
using base::parse_address;
using base::parse_network;

namespace {

bool within(const char* network, const char* address) {
  const auto parsed = parse_network(network);
  REQUIRE(parsed);
  const auto client = parse_address(address);
  REQUIRE(client);
  return parsed->contains(*client);
}

}  // namespace

TEST_CASE("an address is read whole, or not at all") {
  for (const char* good : {"1.2.3.4", "0.0.0.0", "::", "::1", "2a01:4f8::808:801",
                           "::ffff:139.162.133.252", "fe80::1%eth0"})
    CHECK_MESSAGE(parse_address(good), good);
  for (const char* bad : {"", " ", "localhost", "1.2.3.4 ", " 1.2.3.4", "1.2.3", "1.2.3.256",
                          "01.2.3.4", "1.2.3.4/32", "1.2.3.4%eth0", ":::", "garbage"})
    CHECK_MESSAGE(!parse_address(bad), bad);
  CHECK(!parse_address(std::string_view("1.2.3.4\0x", 9)));
}

TEST_CASE("an IPv4-mapped address is the IPv4 address (D10)") {
  CHECK(*parse_address("::ffff:139.162.133.252") == *parse_address("139.162.133.252"));
  CHECK(parse_address("::ffff:1.2.3.4")->is_v4());
  CHECK(!parse_address("::1.2.3.4")->is_v4());
  CHECK(within("139.162.133.0/24", "::ffff:139.162.133.252"));
  CHECK(within("::ffff:139.162.133.0/120", "139.162.133.252"));
}

TEST_CASE("a network holds its addresses, whatever its host bits") {
  CHECK(within("185.199.108.1/24", "185.199.108.77"));  // B34
  CHECK(!within("185.199.108.1/24", "185.199.109.77"));
  CHECK(within("139.162.133.252", "139.162.133.252"));  // B14: a bare address
  CHECK(!within("139.162.133.252", "139.162.133.253"));
  CHECK(within("176.112.170.0/21", "176.112.175.255"));
  CHECK(!within("176.112.170.0/21", "176.112.176.0"));
  CHECK(within("2a01:4f8::1/33", "2a01:4f8:7fff::"));
  CHECK(!within("2a01:4f8::1/33", "2a01:4f8:8000::"));
  CHECK(within("0.0.0.0/0", "255.1.2.3"));
  CHECK(within("::/0", "2a01::"));
}

TEST_CASE("the two families are never mixed") {
  CHECK(!within("::/64", "8.8.8.8"));  // B17
  CHECK(!within("::/0", "8.8.8.8"));
  CHECK(!within("0.0.0.0/0", "2a00:1450:4001::808:801"));   // B19
  CHECK(!within("8.8.8.0/24", "2a00:1450:4001::808:801"));  // B18
}

TEST_CASE("a network that is none is refused with the reason") {  // B15, B16
  CHECK(parse_network("139.162.133.252/33").error().text ==
        "139.162.133.252/33: the prefix must be between 0 and 32");
  CHECK(parse_network("2a01::/129").error().text ==
        "2a01::/129: the prefix must be between 0 and 128");
  for (const char* bad : {"", "/", "/8", "999.1.1.0/24", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/8/8",
                          "1.2.3.4/0x8", "fe80::%eth0/64", "example.com"})
    CHECK_MESSAGE(!parse_network(bad), bad);
}
