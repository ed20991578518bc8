// Very many patterns: which is the first that matches a text? Regular expressions as the
// predecessors took them, translated for RE2, which takes linear time whatever the pattern.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cached/base/result.h"
#include "cached/rules/pattern_sets.h"
#include "cached/rules/rule.h"

namespace rules {

// regex   Python's re, matched against the whole text
// prefix  the same, against the beginning of the text (re.match, what the predecessor did)
// lua     Lua 5.4 patterns, against the whole text
// exact, ignoring_case: the text itself
enum class Syntax { regex, prefix, lua, exact, ignoring_case };

// What is allowed and yet probably a mistake in a pattern, for `cachedctl lists check`; empty when
// there is nothing to say.
std::string warning(std::string_view pattern, Syntax syntax);

// Thread-safe once built. A text that is not UTF-8 is read as Latin-1 by regex and prefix; lua
// reads bytes. exact and ignoring_case, and patterns that are nothing but a text, know the two
// cases of the letters of ASCII only.
class Patterns {
 public:
  static constexpr std::size_t longest = 4096;  // bytes of a pattern

  enum class Case { matters, ignored };  // ignored for host names
  explicit Patterns(Case letters) : letters_(letters) {}

  // An error says what is wrong with the pattern, and what to write instead where that can be told.
  base::Status add(std::string_view pattern, Syntax syntax, RuleId id);
  base::Status build();  // once, after the last add() and before the first find()

  // The first live rule that matches. Any bytes.
  std::optional<RuleId> find(std::string_view text, const Live& live) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Texts = std::unordered_map<std::string, std::vector<RuleId>, Hash, std::equal_to<>>;

  void add_text(std::string_view text, bool ignoring_case, RuleId id);

  const Case letters_;
  Texts exact_;
  Texts lowered_;
  PatternSets sets_;
};

}  // namespace rules
