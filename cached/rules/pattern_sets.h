// Very many translated patterns, in sets that RE2 tries at once. A set is only tried when the text
// contains what some pattern of it needs, which is found by four bytes of it: of 10,000 patterns
// most texts meet none or a few.
// SPDX-License-Identifier: MIT

#pragma once

#include <re2/re2.h>
#include <re2/set.h>
#include <bitset>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cached/base/result.h"
#include "cached/rules/rule.h"
#include "cached/rules/translation.h"

namespace rules {

class PatternSets {
 public:
  static constexpr int key_bits = 17;

  base::Status add(Translation pattern, RuleId id);  // not a literal
  void build();                                      // once, before the first find()

  // The first live rule below `before` that matches. `lowered` is base::lower(text).
  std::optional<RuleId> find(std::string_view text, std::string_view lowered, RuleId before,
                             const Live& live) const;

 private:
  using Key = std::uint32_t;  // four bytes that every match contains; 0: none are known

  struct Pattern {
    RuleId id;
    Key key;
    std::string bytes, unicode;         // see Translation
    std::vector<std::string> contains;  // until built
    std::string needs;                  // one of them, that with the key
    std::unique_ptr<RE2> ordered;       // Lua, where the first of several matches decides
  };
  struct Set {
    std::size_t first, count;  // of patterns_
    std::unique_ptr<RE2::Set> all;
  };
  // Patterns that need the same text.
  struct Group {
    std::size_t pattern;              // one of them
    std::size_t first_set, last_set;  // those that they are in
  };

  void choose_keys();
  void compile(std::size_t first, std::size_t count);
  std::vector<std::size_t> sets_for(std::string_view lowered, bool ascii) const;
  void try_set(const Set& set, std::string_view text, std::vector<std::size_t>& hits) const;
  bool confirmed(const Pattern& pattern, std::string_view text, bool ascii) const;

  std::vector<Pattern> patterns_;  // by key and text, once built
  std::vector<Set> sets_;
  std::unordered_map<Key, std::vector<Group>> with_key_;
  std::bitset<1 << key_bits> keys_;  // by hash: most of a text's are not in with_key_

  // What patterns say of texts beyond ASCII, by rule and text.
  mutable std::mutex remembering_;
  mutable std::unordered_map<std::string, bool> remembered_;
};

}  // namespace rules
