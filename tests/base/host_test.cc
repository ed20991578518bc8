// A host with a port or without.
// SPDX-License-Identifier: MIT

#include "cached/base/host.h"

#include <doctest/doctest.h>

TEST_CASE("a host has a port or none, and an IPv6 address its brackets") {
  const auto read = [](const char* text) {
    const auto host = base::parse_host(text);
    return host ? host->name + " " + std::to_string(host->port) : "none";
  };
  CHECK(read("db_1.example.com") == "db_1.example.com 0");
  CHECK(read("localhost:3306") == "localhost 3306");
  CHECK(read("192.0.2.1:65535") == "192.0.2.1 65535");
  CHECK(read("[2001:db8::1]") == "2001:db8::1 0");
  CHECK(read("[2001:db8::1]:53") == "2001:db8::1 53");
  for (const char* text :
       {"", ":1", "a:", "a:0", "a:65536", "a:1x", "a:-1", "a b", "a/b", "u@a", "-a", "2001:db8::1",
        "[2001:db8::1", "[2001:db8::1]53", "[2001:db8::1]:", "[]", "[a]", "[192.0.2.1]", "a\n"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
  }
}

TEST_CASE("a host knows whether it is an address, and a name may not be too long") {
  CHECK(base::parse_host("192.0.2.1")->address == base::parse_address("192.0.2.1"));
  CHECK(base::parse_host("[::1]:1")->address == base::parse_address("::1"));
  CHECK_FALSE(base::parse_host("a.example.com")->address);
  CHECK(base::parse_host(std::string(253, 'a')));
  CHECK_FALSE(base::parse_host(std::string(254, 'a')));
}
