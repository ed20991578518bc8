// Lua 5.4 patterns (manual, section 6.4.1) for RE2. A rule matches when string.match() returns the
// whole text: the first capture, or the match where there is none.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/base/result.h"
#include "cached/rules/translation.h"

namespace rules {

// Refused: %b, %f, %1 to %9, which RE2 cannot express, and what Lua calls malformed (Lua only says
// so when a match gets that far).
base::Result<Translation> translate_lua(std::string_view pattern, bool ignoring_case);

// What is probably a mistake: `-` repeats the character before it, as in a host name pasted as it
// is. Empty when there is nothing to say.
std::string lua_warning(std::string_view pattern);

}  // namespace rules
