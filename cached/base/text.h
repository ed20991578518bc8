// Small text tools. Nothing here allocates more than its result.
// SPDX-License-Identifier: MIT

#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// Puts pieces (text, numbers) together: cat("row ", 12, ": ", reason).
inline void append(std::string& out, std::string_view piece) { out += piece; }
inline void append(std::string& out, char piece) { out += piece; }
template <std::integral N>
void append(std::string& out, N number) {
  out += std::to_string(number);
}
inline std::size_t room_for(std::string_view piece) { return piece.size(); }
inline std::size_t room_for(char) { return 1; }
template <std::integral N>
std::size_t room_for(N) {
  return 0;  // there mostly is some
}
template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  std::string out;
  out.reserve((room_for(pieces) + ... + 0));
  (append(out, pieces), ...);
  return out;
}

std::string_view trim(std::string_view text);  // without blanks and TABs around it

// The text behind the n-th `separator`, up to the next one; nullopt when there are not so many.
std::optional<std::string_view> part(std::string_view text, char separator, int n);

// The words between blanks, TABs and commas; no empty ones.
std::vector<std::string_view> split_words(std::string_view text);

// A whole decimal number, nothing before or after it; nullopt also when it does not fit N.
template <std::integral N>
std::optional<N> parse_number(std::string_view text) {
  N number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// As it may stand between < and > in a log line: control bytes, <, >, backslash and whatever is not
// UTF-8 (RFC 3629) become \xHH, so that a user name cannot forge a line or a field.
std::string printable(std::string_view text);
void append_printable(std::string& out, std::string_view text);

// The same without blanks and commas, for a value that stands without brackets.
std::string printable_word(std::string_view text);
void append_printable_word(std::string& out, std::string_view text);

// As UTF-8 for whoever escapes the rest by himself, as JSON does: backslashes and whatever is not
// UTF-8 become \xHH, everything else stays.
std::string as_utf8(std::string_view text);

// ASCII only.
std::string lower(std::string_view text);
std::string upper(std::string_view text);

// At most so many characters of a UTF-8 text, as a column of a database counts them.
std::string_view first_characters(std::string_view text, std::size_t most);

bool is_ascii(std::string_view text);
std::string ascii_of(std::string_view text);  // a question mark for each other character of UTF-8
bool is_utf8(std::string_view text);  // RFC 3629, without the control characters U+0080 to U+009F
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII only

}  // namespace base
