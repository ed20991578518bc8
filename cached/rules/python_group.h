// What may stand behind `(?` in a pattern of Python's re: flags, (?i) for all of the pattern and
// (?i-s:...) for a group, and names; and what is refused there.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>

#include "cached/base/result.h"
#include "cached/rules/python_class.h"

namespace rules::python {

struct FlagGroup {
  Flags flags;    // from here on
  bool global;    // (?i), not (?i:
  char32_t type;  // a or u, where one of them is there; else 0
};

// From behind `(?` and the first character to behind the `)` or `:`, with the flags held so far.
base::Result<FlagGroup> read_flags(Reader& reader, char32_t first, const Flags& now);

// A group's name, from behind `(?P` to behind the `>`.
base::Result<std::u32string> read_name(Reader& reader);

// (?=, (?!, (?<, (?( and (?>, by the character behind `(?`.
std::optional<base::Error> beyond_re2(char32_t first);

}  // namespace rules::python
