// Texts beyond ASCII, as patterns see them. A class of Unicode letters has hundreds of ranges,
// which RE2 would compile into thousands of instructions for each \w; so the text says itself what
// kind each character is of, in a byte before it, and a pattern looks at that.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace rules {

// Kinds of characters beyond ASCII, as bits: what str.isdecimal(), str.isalnum() and str.isspace()
// say of them. A digit is one of a word, too.
using Kinds = unsigned;
inline constexpr Kinds digits = 1, other_of_words = 2, spaces = 4, others = 8;
inline constexpr Kinds all_kinds = digits | other_of_words | spaces | others;

// For RE2 with UTF-8: the mark of one of these kinds, and the mark and character of one of them.
std::string mark_class(Kinds kinds);
std::string marked_class(Kinds kinds);

// A mark before each character beyond ASCII. What is not UTF-8 is read as Latin-1.
std::string mark(std::string_view text);

// In lower case, with the two characters beyond ASCII that are letters of ASCII in another case:
// U+017F (a long s) and U+212A (the sign for Kelvin).
std::string folded(std::string_view text);

}  // namespace rules
