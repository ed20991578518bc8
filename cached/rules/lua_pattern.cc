// See lua_pattern.h. The classes, and where a set ends, follow lstrlib.c of Lua 5.4
// (matchbracketclass, classEnd) line by line: `[%a-z]`, `[]]` and `[a-%z]` have to mean what they
// mean there.
// SPDX-License-Identifier: MIT

#include "cached/rules/lua_pattern.h"

#include <optional>

#include "cached/base/text.h"

namespace rules {
namespace {

using base::cat;
using base::Error;

constexpr int most_captures = 32;  // LUA_MAXCAPTURES

bool between(int c, int low, int high) { return c >= low && c <= high; }
bool is_lower(int c) { return between(c, 'a', 'z'); }
bool is_upper(int c) { return between(c, 'A', 'Z'); }
bool is_digit(int c) { return between(c, '0', '9'); }
bool is_letter(int c) { return is_lower(c) || is_upper(c); }
bool is_alphanumeric(int c) { return is_letter(c) || is_digit(c); }
bool is_hex(int c) { return is_digit(c) || between(c, 'a', 'f') || between(c, 'A', 'F'); }
bool is_space(int c) { return c == ' ' || between(c, '\t', '\r'); }
bool is_graph(int c) { return between(c, 0x21, 0x7e); }
bool is_punctuation(int c) { return is_graph(c) && !is_alphanumeric(c); }
bool is_nul(int c) { return c == 0; }
bool is_control(int c) { return c < 0x20 || c == 0x7f; }

struct Class {
  char letter;  // %a; %A is what is not in it
  bool (*has)(int byte);
};
constexpr Class classes[] = {
    {'a', is_letter},       {'c', is_control},     {'d', is_digit}, {'g', is_graph},
    {'l', is_lower},        {'p', is_punctuation}, {'s', is_space}, {'u', is_upper},
    {'w', is_alphanumeric}, {'x', is_hex},         {'z', is_nul},  // of Lua 5.1, still there
};

Bytes only(char c) { return Bytes().set(static_cast<unsigned char>(c)); }

// Where letters are ignored, a class has both cases of what it has before it is negated.
Bytes fold(Bytes bytes, bool ignoring_case) {
  return ignoring_case ? with_both_cases(bytes) : bytes;
}

// %c: a class, or the character itself.
Bytes escaped(char c, bool ignoring_case) {
  const char lower = is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
  for (const Class& row : classes) {
    if (row.letter != lower) continue;
    Bytes bytes;
    for (int byte = 0; byte < 256; byte++) bytes[static_cast<std::size_t>(byte)] = row.has(byte);
    bytes = fold(bytes, ignoring_case);
    return is_upper(c) ? ~bytes : bytes;
  }
  return fold(only(c), ignoring_case);
}

// The inside of a set, from behind its `[` to its `]`.
Bytes bracketed(std::string_view set, bool ignoring_case) {
  const bool negated = set.starts_with('^');
  if (negated) set.remove_prefix(1);
  Bytes bytes;
  for (std::size_t i = 0; i < set.size(); i++) {
    if (set[i] == '%' && i + 1 < set.size()) {
      bytes |= escaped(set[++i], ignoring_case);
    } else if (i + 2 < set.size() && set[i + 1] == '-') {
      const auto low = static_cast<unsigned char>(set[i]);
      const auto high = static_cast<unsigned char>(set[i += 2]);
      for (std::size_t byte = low; byte <= high; byte++) bytes.set(byte);
    } else {
      bytes |= only(set[i]);
    }
  }
  bytes = fold(bytes, ignoring_case);
  return negated ? ~bytes : bytes;
}

// The length of the single character class at the front of `rest`: `x`, `.`, `%x` or `[set]`.
base::Result<std::size_t> length_of_class(std::string_view rest) {
  if (rest[0] == '%') {
    if (rest.size() < 2) return Error{"malformed: it ends with %; write %% for a percent sign"};
    return std::size_t{2};
  }
  if (rest[0] != '[') return std::size_t{1};
  std::size_t i = rest.starts_with("[^") ? 2 : 1;
  do {  // the first character is one of the set, even `]`
    if (i >= rest.size()) return Error{"malformed: a [ without its ]; write %[ for a bracket"};
    i += rest[i] == '%' ? 2 : 1;
  } while (i >= rest.size() || rest[i] != ']');
  return i + 1;
}

Bytes class_of(std::string_view text, bool ignoring_case) {
  if (text[0] == '%') return escaped(text[1], ignoring_case);
  if (text[0] == '[') return bracketed(text.substr(1, text.size() - 2), ignoring_case);
  if (text[0] == '.') return ~Bytes();
  return fold(only(text[0]), ignoring_case);
}

std::optional<Error> beyond_re2(char escape) {
  if (escape == 'b') return Error{"%b (balanced text) cannot be expressed here; spell it out"};
  if (escape == 'f')
    return Error{
        "%f (frontier) cannot be expressed here; as the whole text is matched, write what "
        "may stand before and after"};
  if (escape == '0') return Error{"malformed: there is no capture %0; write 0 for the digit"};
  if (is_digit(escape))
    return Error{cat("%", escape,
                     " (what a capture matched) cannot be expressed here; write the "
                     "text itself, or one pattern for each of the texts")};
  return std::nullopt;
}

class Translator {
 public:
  Translator(std::string_view pattern, bool ignoring_case)
      : rest_(pattern), ignoring_case_(ignoring_case) {}

  base::Result<Translation> run() {
    if (rest_.starts_with('^')) rest_.remove_prefix(1);  // the whole text must match anyway
    out_.is_literal = true;
    while (!rest_.empty()) {
      auto went = step();
      if (!went) return went.error();
    }
    if (open_) return Error{"malformed: a ( without its ); write %( for a parenthesis"};
    if (position_is_result_) out_.bytes = byte_class({});  // a number is never the whole text
    if (captures_) out_.is_literal = false;
    out_.ordered = out_.ordered || captures_;
    out_.ignoring_case = ignoring_case_;
    out_.contains = contained_.take();
    return std::move(out_);
  }

 private:
  base::Status step() {
    const char c = rest_[0];
    if (c == '(') return open();
    if (c == ')') return close();
    if (rest_ == "$") {
      out_.bytes += "\\z";
      rest_ = {};
      return base::Done{};
    }
    if (c == '%' && rest_.size() > 1) {
      if (auto refused = beyond_re2(rest_[1])) return std::move(*refused);
    }
    return single();
  }

  base::Status open() {
    if (++captures_ > most_captures) return Error{"malformed: more than 32 captures"};
    if (rest_.starts_with("()")) {  // the position, a number
      position_is_result_ = position_is_result_ || captures_ == 1;
      rest_.remove_prefix(2);
      return base::Done{};
    }
    out_.bytes += '(';
    open_++;
    rest_.remove_prefix(1);
    return base::Done{};
  }

  base::Status close() {
    if (!open_) return Error{"malformed: a ) without its (; write %) for a parenthesis"};
    out_.bytes += ')';
    open_--;
    rest_.remove_prefix(1);
    return base::Done{};
  }

  // A single character class and what repeats it. Elsewhere `*`, `+`, `?` and `-` are themselves.
  base::Status single() {
    const auto length = length_of_class(rest_);
    if (!length) return length.error();
    const Bytes bytes = class_of(rest_.substr(0, *length), ignoring_case_);
    const std::size_t first = bytes._Find_first();
    const bool one = bytes == fold(only(static_cast<char>(first)), ignoring_case_);
    rest_.remove_prefix(*length);
    const char repeat = rest_.empty() ? '\0' : rest_[0];
    const bool repeated = repeat == '*' || repeat == '+' || repeat == '?' || repeat == '-';
    if (one) {
      contained_.add(static_cast<char>(first));
      out_.literal += static_cast<char>(first);
    } else {
      contained_.cut();
    }
    if (!one || repeated) out_.is_literal = false;
    out_.bytes += byte_class(bytes);
    if (!repeated) return base::Done{};
    rest_.remove_prefix(1);
    if (one && repeat != '+') contained_.drop();
    contained_.cut();
    out_.bytes += repeat == '-' ? "*?" : std::string(1, repeat);
    out_.ordered = out_.ordered || repeat == '-';
    return base::Done{};
  }

  std::string_view rest_;
  const bool ignoring_case_;
  Translation out_;
  Contained contained_;
  int captures_ = 0;
  int open_ = 0;
  bool position_is_result_ = false;
};

}  // namespace

base::Result<Translation> translate_lua(std::string_view pattern, bool ignoring_case) {
  return Translator(pattern, ignoring_case).run();
}

std::string lua_warning(std::string_view pattern) {
  while (!pattern.empty()) {
    const auto length = length_of_class(pattern);
    if (!length) return {};
    const char c = pattern[0];
    pattern.remove_prefix(*length);
    if (is_alphanumeric(c) && pattern.starts_with('-'))
      return cat("the - after ", c, " repeats it, as * would; write %- for a hyphen");
  }
  return {};
}

}  // namespace rules
