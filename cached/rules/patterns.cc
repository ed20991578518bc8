// See patterns.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/patterns.h"

#include <algorithm>
#include <utility>

#include "cached/base/text.h"
#include "cached/rules/lua_pattern.h"
#include "cached/rules/python_pattern.h"

namespace rules {

std::string warning(std::string_view pattern, Syntax syntax) {
  if (pattern.find(" #") != std::string_view::npos)
    return "the # is of the pattern; behind one only # until= and # reason= are comments";
  return syntax == Syntax::lua ? lua_warning(pattern) : std::string();
}

base::Status Patterns::add(std::string_view pattern, Syntax syntax, RuleId id) {
  if (pattern.size() > longest)
    return base::Error{base::cat("longer than ", longest, " bytes; write several patterns")};
  const bool ignored = letters_ == Case::ignored;
  if (syntax == Syntax::exact || syntax == Syntax::ignoring_case) {
    add_text(pattern, ignored || syntax == Syntax::ignoring_case, id);
    return base::Done{};
  }
  const auto extent = syntax == Syntax::regex ? Extent::whole_text : Extent::beginning;
  auto translation = syntax == Syntax::lua ? translate_lua(pattern, ignored)
                                           : translate_python(pattern, extent, ignored);
  if (!translation) return translation.error();
  if (!translation->is_literal) return sets_.add(*std::move(translation), id);
  add_text(translation->literal, translation->ignoring_case, id);
  return base::Done{};
}

void Patterns::add_text(std::string_view text, bool ignoring_case, RuleId id) {
  if (ignoring_case)
    lowered_[base::lower(text)].push_back(id);
  else
    exact_[std::string(text)].push_back(id);
}

base::Status Patterns::build() {
  sets_.build();
  return base::Done{};
}

std::optional<RuleId> Patterns::find(std::string_view text, const Live& live) const {
  const std::string lowered = base::lower(text);
  RuleId first = UINT32_MAX;
  const auto look = [&](const Texts& texts, std::string_view key) {
    if (texts.empty()) return;  // this library makes the hash first
    const auto found = texts.find(key);
    if (found == texts.end()) return;
    for (const RuleId id : found->second)
      if (id < first && live(id)) first = id;
  };
  look(exact_, text);
  look(lowered_, lowered);
  if (const auto hit = sets_.find(text, lowered, first, live)) return hit;
  return first == UINT32_MAX ? std::nullopt : std::optional(first);
}

}  // namespace rules
