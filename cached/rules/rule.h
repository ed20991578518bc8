// A rule is one entry of a list: where it stands, and how long it holds. The compiled lists
// (networks.h, patterns.h, ...) know rules by number.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <vector>

namespace rules {

using RuleId = std::uint32_t;  // of a list's rules, in the order of its files and lines

using Time = std::uint32_t;  // seconds since 1970, UTC
inline constexpr Time for_ever = UINT32_MAX;

struct Rule {
  std::uint32_t line = 0;  // from 1
  Time until = for_ever;   // holds before then
  std::uint16_t file = 0;  // of the list's files
};

// Which rules hold at a time.
class Live {
 public:
  Live(const std::vector<Rule>& rules, Time now) : rules_(rules), now_(now) {}
  bool operator()(RuleId id) const { return now_ < rules_[id].until; }

 private:
  const std::vector<Rule>& rules_;
  const Time now_;
};

}  // namespace rules
