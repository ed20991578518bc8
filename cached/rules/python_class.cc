// See python_class.h. What is accepted, and what is an error, follows _parse() and its _escape()
// and _class_escape() in Lib/re/_parser.py of Python 3.11.
// SPDX-License-Identifier: MIT

#include "cached/rules/python_class.h"

#include <optional>

#include "cached/base/text.h"

namespace rules::python {
namespace {

using base::cat;
using base::Error;

bool is_octal(char32_t c) { return c >= '0' && c <= '7'; }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_of(char letter, bool ascii, char32_t c) {
  if (letter == 'd') return is_digit(c);
  if (letter == 'w') return is_digit(c) || is_letter(c) || c == '_';
  return c == ' ' || (c >= '\t' && c <= '\r') || (!ascii && c >= 0x1c && c <= 0x1f);
}

std::optional<char32_t> hex_value(char32_t c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// \xHH, \uHHHH and \UHHHHHHHH: all of the digits.
base::Result<Escape> read_hex(Reader& reader, char32_t letter, int digits) {
  char32_t code = 0;
  for (int i = 0; i < digits; i++) {
    const auto value = hex_value(reader.peek());
    if (!value)
      return Error{cat("\\", static_cast<char>(letter), " needs ", digits, " hexadecimal digits")};
    code = code * 16 + *value;
    reader.next();
  }
  if (code >= Reader::none) return Error{"there is no character with such a number"};
  return Escape{Escape::Kind::character, code};
}

// \0 and up to two more octal digits, \123, in a set also \1 and \12; any other number refers back.
base::Result<Escape> read_number(Reader& reader, char32_t first, bool in_set) {
  const std::size_t start = reader.place();
  char32_t code = first - '0';
  int digits = 1;
  for (; digits < 3 && is_octal(first) && is_octal(reader.peek()); digits++)
    code = code * 8 + (reader.next() - '0');
  if (first == '0' || digits == 3 || (in_set && is_octal(first))) {
    if (code > 0377) return Error{"an octal number beyond \\377; write \\x and two digits"};
    return Escape{Escape::Kind::character, code};
  }
  reader.go_back(start);
  if (in_set) return Error{cat("a \\", static_cast<char>(first), " in a set means nothing")};
  return Error{cat("\\", static_cast<char>(first),
                   " (what a group matched) cannot be expressed "
                   "here; write the text itself, or one pattern for each of the texts")};
}

std::optional<char32_t> control(char32_t letter) {
  constexpr std::string_view letters = "abfnrtv", codes = "\a\b\f\n\r\t\v";
  if (letter >= 0x80) return std::nullopt;
  const auto at = letters.find(static_cast<char>(letter));
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<char32_t>(codes[at]);
}

}  // namespace

base::Result<Reader> Reader::open(std::string_view pattern) {
  Reader reader;
  const auto byte = [&](std::size_t i) {
    return i < pattern.size() ? static_cast<unsigned char>(pattern[i]) : 0u;
  };
  for (std::size_t i = 0; i < pattern.size();) {
    const unsigned lead = byte(i);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view sequence = pattern.substr(i, length);
    const bool control = lead == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xA0;
    if (!control && !base::is_utf8(sequence)) return Error{"it is not UTF-8"};
    char32_t code = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length; k++) code = code << 6 | (byte(i + k) & 0x3F);
    reader.text_ += code;
    i += length;
  }
  return reader;
}

bool Reader::take(char32_t c) {
  if (peek() != c) return false;
  at_++;
  return true;
}

void Class::add(char32_t low, char32_t high) {
  for (char32_t c = low; c <= high && c < 0x80; c++) ascii_.set(c);
  if (low <= 0x80 && high == Reader::none - 1) {
    kinds_ = all_kinds;
    return;
  }
  const auto has = [&](char32_t c) { return flags_.ignoring_case && low <= c && c <= high; };
  // U+017F is a long s and U+212A the sign for Kelvin: letters beyond ASCII of the same case.
  if (has(0x17F)) ascii_.set('s');
  if (has(0x212A)) ascii_.set('k');
  beyond_ = beyond_ || high >= 0x80 || has('s') || has('S') || has('k') || has('K');
  append_code(inside_, low);
  if (high > low) append_code(inside_ += '-', high);
}

void Class::add_category(char letter) {
  const bool negative = letter >= 'A' && letter <= 'Z';
  const char lower = negative ? static_cast<char>(letter + ('a' - 'A')) : letter;
  for (char32_t c = 0; c < 0x80; c++)
    if (is_of(lower, flags_.ascii, c) != negative) ascii_.set(c);
  Kinds kinds = lower == 'd' ? digits : lower == 'w' ? digits | other_of_words : spaces;
  if (flags_.ascii) kinds = 0;
  kinds_ |= negative ? all_kinds & ~kinds : kinds;
}

void Class::negate() { negated_ = true; }

Bytes Class::in_ascii() const {
  const Bytes low = flags_.ignoring_case ? with_both_cases(ascii_) : ascii_;
  const Bytes beyond = ~Bytes() << 0x80;
  return (negated_ ? ~low : low) & ~beyond;
}

std::string Class::bytes() const { return byte_class(in_ascii()); }

// What is negated must be of another kind and none of the characters.
std::string Class::marked() const {
  const std::string low = byte_class(in_ascii());
  const Kinds kinds = negated_ ? all_kinds & ~kinds_ : kinds_;
  std::string out;
  if (kinds && !(negated_ && beyond_)) out += cat("|", marked_class(kinds));
  const Kinds of_inside = negated_ ? kinds : all_kinds;
  if (beyond_ && of_inside)
    out += cat("|", mark_class(of_inside),
               flags_.ignoring_case ? "(?i:" : "(?:", negated_ ? "[^" : "[", inside_, "])");
  return out.empty() ? low : cat("(?:", low, out, ")");
}

base::Result<Escape> read_escape(Reader& reader, bool in_set) {
  const char32_t c = reader.next();
  if (c == Reader::none) return Error{"it ends with a \\; write \\\\ for a backslash"};
  if (c == 'x') return read_hex(reader, c, 2);
  if (c == 'u') return read_hex(reader, c, 4);
  if (c == 'U') return read_hex(reader, c, 8);
  if (c == 'N') return Error{"\\N (a character by name) is not known here; write the character"};
  if (is_digit(c)) return read_number(reader, c, in_set);
  if (c < 0x80 && std::string_view("dDsSwW").find(static_cast<char>(c)) != std::string_view::npos)
    return Escape{Escape::Kind::category, c};
  if (!in_set && (c == 'A' || c == 'b' || c == 'B' || c == 'Z'))
    return Escape{Escape::Kind::assertion, c};
  if (const auto code = control(c)) return Escape{Escape::Kind::character, *code};
  if (c == 'z') return Error{"\\z means nothing in Python; write \\Z, or nothing"};
  if (c == 'Q' || c == 'E')
    return Error{"\\Q and \\E mean nothing in Python; write a \\ before each special character"};
  if (c == 'p' || c == 'P')
    return Error{"\\p means nothing in Python; write the characters, or \\w, \\d or \\s"};
  if (is_letter(c))
    return Error{cat("\\", static_cast<char>(c), " means nothing in Python; write ",
                     static_cast<char>(c), in_set ? " or \\\\" : " or \\\\ and the letter")};
  return Escape{Escape::Kind::character, c};
}

namespace {

// One end of a range, or a category.
base::Result<Escape> read_member(Reader& reader) {
  const char32_t c = reader.next();
  if (c == Reader::none) return Error{"a [ without its ]; write \\[ for a bracket"};
  if (c == '\\') return read_escape(reader, true);
  return Escape{Escape::Kind::character, c};
}

void add(Class& set, const Escape& member) {
  if (member.kind == Escape::Kind::category)
    set.add_category(static_cast<char>(member.value));
  else
    set.add(member.value, member.value);
}

}  // namespace

base::Result<Class> read_set(Reader& reader, const Flags& flags) {
  Class set(flags);
  const bool negated = reader.take('^');
  for (bool first = true; first || !reader.take(']'); first = false) {
    const auto low = read_member(reader);
    if (!low) return low.error();
    if (!reader.take('-')) {
      add(set, *low);
      continue;
    }
    if (reader.take(']')) {  // a hyphen at the end is one
      add(set, *low);
      set.add('-', '-');
      break;
    }
    const auto high = read_member(reader);
    if (!high) return high.error();
    if (low->kind != Escape::Kind::character || high->kind != Escape::Kind::character)
      return Error{"a range of a set has \\d, \\s or \\w at an end; write \\- for a hyphen"};
    if (low->value > high->value)
      return Error{"a range of a set ends before it begins; write \\- for a hyphen"};
    set.add(low->value, high->value);
  }
  if (negated) set.negate();
  return set;
}

}  // namespace rules::python
