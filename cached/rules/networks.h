// Very many networks, IPv4 and IPv6, never mixed: which is the longest one around an address?
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>

#include "cached/base/ip.h"
#include "cached/rules/rule.h"

namespace rules {

class Networks {
 public:
  void add(const base::Network& network, RuleId id);
  void build();  // once, after the last add() and before the first find()

  // The live rule of the longest network around the address; of one network that was added more
  // than once, the first live rule.
  std::optional<RuleId> find(const base::Address& address, const Live& live) const;
};

}  // namespace rules
