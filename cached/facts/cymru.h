// What Team Cymru's DNS service says: the origin of an address, and the name of an autonomous
// system (https://www.team-cymru.com/ip-asn-mapping).
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cached/base/ip.h"
#include "cached/base/result.h"

namespace facts {

// `23028 701 | 216.90.108.0/24 | US | arin | 1998-09-25`
struct Origin {
  std::vector<std::uint32_t> as_numbers;  // several for a multi-origin prefix
  base::Network prefix;                   // as it is announced
  std::string country;                    // to which the addresses were delegated, upper case
  std::string registry;                   // arin, ripencc, apnic, lacnic, afrinic

  bool operator==(const Origin&) const = default;
};

inline constexpr std::size_t most_as_numbers = 64;   // of an origin
inline constexpr std::size_t longest_as_name = 256;  // bytes

// The name to be asked: 4.3.2.1.origin.asn.cymru.com, or the nibbles of an IPv6 address, without
// the groups of zeros at its end.
std::string origin_name(const base::Address& address);

// Of several records the one with the longest prefix.
base::Result<Origin> parse_origin(const std::vector<std::string>& records);

std::string as_name_of(std::uint32_t number);  // the name to be asked: AS23028.asn.cymru.com

// `23028 | US | arin | 2002-01-04 | TEAMCYMRU, US`: the last field, bytes as they come.
base::Result<std::string> parse_as_name(const std::vector<std::string>& records);

// As the predecessors' library wrote names that are not plain ASCII: bytes as \DDD, " and \ behind
// a backslash. Lists may have such lines. Plain: it is the same.
std::string escaped_as_name(std::string_view name);
bool is_plain_as_name(std::string_view name);

}  // namespace facts
