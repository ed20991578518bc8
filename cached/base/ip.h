// Addresses and networks, IPv4 and IPv6. An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is the
// IPv4 address in it, everywhere.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"

namespace base {

struct Address {
  std::array<unsigned char, 16> bytes{};  // an IPv4 address is mapped: ::ffff:a.b.c.d

  bool is_v4() const;
  bool operator==(const Address&) const = default;
};

// As inet_pton(3) reads it, nothing before or after it but a zone (%eth0), which is dropped;
// nullopt: it is none.
std::optional<Address> parse_address(std::string_view text);

// As inet_ntop(3) writes it; a mapped one as IPv4.
std::string text_of(const Address& address);

struct Network {
  Address address;   // without host bits
  int prefix = 128;  // of the 128 bits: IPv4's /24 is 120

  static Network around(const Address& address, int prefix);

  bool contains(const Address& other) const;  // never one of the other family
  bool operator==(const Network&) const = default;
};

// ADDRESS or ADDRESS/PREFIX; host bits are cleared. An error says what is wrong with it.
Result<Network> parse_network(std::string_view text);

bool contains(const std::vector<Network>& networks, const Address& address);

}  // namespace base
