// What a registry answers about an address by RDAP (RFC 9083): the network around it.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cached/base/ip.h"
#include "cached/base/result.h"
#include "cached/facts/facts.h"

namespace facts {

struct RegisteredNetwork {
  base::Address first, last;
  Fact<std::string> name, country;          // as the registry wrote them; absent: it has none
  Fact<std::vector<std::string>> entities;  // handles of those it names itself, in its order

  bool operator==(const RegisteredNetwork&) const = default;
};

inline constexpr std::size_t longest_rdap = 256 << 10;  // bytes of an answer
inline constexpr std::size_t longest_word = 256;        // bytes of a name, country or handle
inline constexpr std::size_t most_entities = 64;        // those behind them are left out

// The error of an answer that says, as a notice (RFC 9083, 4.3), that we have asked too much.
inline constexpr std::string_view rate_limit_notice = "Rate Limit Notice";

// An error says what is wrong with the answer. Nested entities are left alone, and an entity
// without a handle ends the list, as the predecessors' library had it. A word that is too long is
// as if it were not there.
base::Result<RegisteredNetwork> parse_rdap(std::string_view body);

}  // namespace facts
