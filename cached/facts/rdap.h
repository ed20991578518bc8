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
};

inline constexpr std::size_t longest_rdap = 256 << 10;  // bytes of an answer

// An error says what is wrong with the answer. Nested entities are left alone, and an entity
// without a handle ends the list, as the predecessors' library had it.
base::Result<RegisteredNetwork> parse_rdap(std::string_view body);

}  // namespace facts
