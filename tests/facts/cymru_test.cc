// Team Cymru's words.
// SPDX-License-Identifier: MIT

#include "cached/facts/cymru.h"

#include <doctest/doctest.h>

namespace {

std::string error_of(const std::vector<std::string>& records) {
  const auto origin = facts::parse_origin(records);
  return origin ? "" : origin.error().text;
}

base::Address address(const char* text) { return base::parse_address(text).value(); }

}  // namespace

TEST_CASE("an origin has its numbers, prefix, country and registry") {
  const auto origin = facts::parse_origin({"23028 701 | 216.90.108.0/24 | us | arin | 1998-09-25"});
  REQUIRE(origin);
  CHECK(origin->as_numbers == std::vector<std::uint32_t>{23028, 701});
  CHECK(origin->prefix == *base::parse_network("216.90.108.0/24"));
  CHECK(origin->country == "US");
  CHECK(origin->registry == "arin");
}

TEST_CASE("of several origins the one with the longest prefix counts, the first of equals") {
  const auto origin = facts::parse_origin({"1 | 10.0.0.0/8 | US | arin | ",
                                           "2 | 10.1.0.0/16 | DE | ripencc | 2001-01-01",
                                           "3 | 10.1.0.0/16 | FR | ripencc | 2001-01-01"});
  REQUIRE(origin);
  CHECK(origin->as_numbers == std::vector<std::uint32_t>{2});
}

TEST_CASE("what is no origin is an error") {
  CHECK(error_of({}) == "no record");
  CHECK(error_of({""}) == "is no origin");
  CHECK(error_of({"NA | NA | | other | "}) == "NA is no AS number");
  CHECK(error_of({"1 | 10.0.0.0/8 | US | example | "}) == "example is no registry");
  CHECK(error_of({"99999999999 | 10.0.0.0/8 | US | arin | "}) == "99999999999 is no AS number");
}

TEST_CASE("the name asked for leaves out the zeros at the end of an IPv6 address") {
  CHECK(facts::origin_name(address("216.90.108.31")) == "31.108.90.216.origin.asn.cymru.com");
  CHECK(facts::origin_name(address("2a01::")) == "1.0.a.2.origin6.asn.cymru.com");
  CHECK(facts::origin_name(address("2001:db8::1"))
            .ends_with("8.b.d.0.1.0.0.2.origin6.asn.cymru.com"));
  CHECK(facts::as_name_of(23028) == "AS23028.asn.cymru.com");
}

TEST_CASE("the name of a system is the fifth field, cut at a further |") {
  const auto name = [](const std::string& record) {
    const auto parsed = facts::parse_as_name({record});
    return parsed ? *parsed : parsed.error().text;
  };
  CHECK(
      name(
          "3209 | DE | ripencc | 1993-09-01 | VODANET International IP-Backbone of Vodafone, DE") ==
      "VODANET International IP-Backbone of Vodafone, DE");
  CHECK(name("1 | US | arin | | A | B") == "A");
  CHECK(name("1 | US | arin | 2001-01-01 |") == "has no name");
  CHECK(name("") == "has no name");
}

TEST_CASE("a name that is not plain is escaped as the predecessors' lists have it") {
  CHECK(facts::escaped_as_name("GOOGLE, US") == "GOOGLE, US");
  CHECK(facts::escaped_as_name("Telef\xc3\xb3nica \"X\"\\") == "Telef\\195\\179nica \\\"X\\\"\\\\");
}
