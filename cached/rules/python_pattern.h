// Patterns of Python's re (str patterns of Python 3.11) for RE2.
// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "cached/base/result.h"
#include "cached/rules/translation.h"

namespace rules {

enum class Extent { whole_text, beginning };  // re.fullmatch, re.match

// Refused: what Python refuses, and what RE2 cannot express (lookaround, references to groups,
// possessive, atomic and conditional groups, \N{name}, (?x), more than 1000 repetitions).
//
// Differs from Python: \b and \B know the letters of ASCII only; ignoring case, (?a) makes no
// difference and i is not a Turkish dotless or dotted one; `$` in the middle of a pattern is the
// end, and not also before a final newline; \B matches where there is no text.
base::Result<Translation> translate_python(std::string_view pattern, Extent extent,
                                           bool ignoring_case);

}  // namespace rules
