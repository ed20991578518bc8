// Very many patterns: which is the first that matches a text? Regular expressions as the
// predecessors took them, translated for RE2, which takes linear time whatever the pattern.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string_view>

#include "cached/base/result.h"
#include "cached/rules/rule.h"

namespace rules {

// regex   Python's re, matched against the whole text
// prefix  the same, against the beginning of the text (re.match, what the predecessor did)
// lua     Lua 5.4 patterns, against the whole text
// exact, ignoring_case: the text itself
enum class Syntax { regex, prefix, lua, exact, ignoring_case };

class Patterns {
 public:
  enum class Case { matters, ignored };  // ignored for host names
  explicit Patterns(Case letters);

  // An error says what is wrong with the pattern, and what to write instead where that can be told.
  base::Status add(std::string_view pattern, Syntax syntax, RuleId id);
  base::Status build();  // once, after the last add() and before the first find()

  // The first live rule that matches. Any bytes.
  std::optional<RuleId> find(std::string_view text, const Live& live) const;
};

}  // namespace rules
