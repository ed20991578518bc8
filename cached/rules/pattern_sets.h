// Very many translated patterns, in sets that RE2 tries at once. A set is only tried when the text
// contains what some pattern of it needs, which is found by four bytes of it: of 10,000 patterns
// most texts meet none or a few. Whatever the texts are, nothing is compiled any more once built.
// SPDX-License-Identifier: MIT

#pragma once

#include <re2/re2.h>
#include <re2/set.h>
#include <bitset>
#include <cstdint>
#include <memory>
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

  // The first live rule below `before` that matches. `lowered` is base::lower(text). Thread-safe.
  std::optional<RuleId> find(std::string_view text, std::string_view lowered, RuleId before,
                             const Live& live) const;

 private:
  using Key = std::uint32_t;  // four bytes that every match contains; 0: none are known

  struct Pattern {
    RuleId id;
    Key key;
    std::string bytes, marked;          // see Translation; until built
    std::vector<std::string> contains;  // until built
    std::string needs;                  // one of them, that with the key
    std::unique_ptr<RE2> ordered;       // Lua, where the first of several matches decides
    bool is_lua = false;
  };
  struct Set {
    std::size_t first, count;         // of patterns_, all Lua's or none
    std::unique_ptr<RE2::Set> bytes;  // for texts in ASCII, or for all
    std::unique_ptr<RE2::Set> marked;
  };
  // Patterns that need the same text.
  struct Group {
    std::size_t pattern;              // one of them
    std::size_t first_set, last_set;  // those that they are in
  };

  void choose_keys();
  void compile(std::size_t first, std::size_t count);
  std::unique_ptr<RE2::Set> compiled(std::size_t first, std::size_t count,
                                     std::string Pattern::*text, bool utf8) const;
  using Found = std::vector<std::size_t>;  // places in sets_
  void find_sets(std::string_view lowered, Found& sets) const;
  void find_sets(Key key, std::string_view lowered, Found& sets) const;

  std::vector<Pattern> patterns_;  // by language, key and text, once built
  std::vector<Set> sets_;
  std::unordered_map<Key, std::vector<Group>> with_key_;
  std::bitset<1 << key_bits> keys_;  // by hash: most of a text's are not in with_key_
};

}  // namespace rules
