// See python_group.h. What is an error follows _parse() and _parse_flags() of Lib/re/_parser.py in
// Python 3.11.
// SPDX-License-Identifier: MIT

#include "cached/rules/python_group.h"

#include <string>
#include <string_view>

namespace rules::python {
namespace {

using base::Error;

struct Refusal {
  char32_t first;  // behind `(?`
  const char* text;
};
constexpr Refusal refusals[] = {
    {'=', "(?=...) (lookahead) cannot be expressed here; write what the whole text looks like"},
    {'!',
     "(?!...) (negative lookahead) cannot be expressed here; write patterns for the texts that "
     "are meant"},
    {'<',
     "(?<=...) and (?<!...) (lookbehind) cannot be expressed here; write what stands before as "
     "a part of the pattern, and (?P<name>...) for a named group"},
    {'(',
     "(?(1)...|...) (condition) cannot be expressed here; write both cases, with | in between"},
    {'>', "(?>...) (atomic group) cannot be expressed here; write (?:...), which never takes long"},
};

bool is_flag(char32_t c) {
  return c < 0x80 &&
         std::string_view("aiLmsux").find(static_cast<char>(c)) != std::string_view::npos;
}

// The flags up to something else, which is left in `c`.
std::u32string letters(Reader& reader, char32_t& c) {
  std::u32string out;
  for (; is_flag(c); c = reader.next()) out += c;
  return out;
}

bool has(const std::u32string& flags, char32_t flag) {
  return flags.find(flag) != std::u32string::npos;
}

}  // namespace

base::Result<FlagGroup> read_flags(Reader& reader, char32_t first, const Flags& now) {
  char32_t c = first;
  const std::u32string on = letters(reader, c);
  std::u32string off;
  const bool minus = c == '-';
  if (minus) {
    c = reader.next();
    off = letters(reader, c);
    if (off.empty()) return Error{"(?-...: no flag is turned off"};
  }
  const bool global = c == ')' && !minus;
  if ((on.empty() && off.empty()) || (c != ':' && !global))
    return Error{"(? begins nothing that Python knows; write \\( for a parenthesis"};
  if (has(on, 'L')) return Error{"(?L) is for bytes; leave it out"};
  if (has(on, 'a') && has(on, 'u')) return Error{"the flags a and u exclude each other"};
  if (has(off, 'a') || has(off, 'u') || has(off, 'L'))
    return Error{"the flags a, u and L cannot be turned off"};
  for (const char32_t flag : on)
    if (has(off, flag)) return Error{"a flag is turned on and off"};
  if (has(on, 'x'))
    return Error{"(?x) cannot be expressed here; write the pattern without blanks and comments"};

  FlagGroup group{now, global, has(on, 'a') ? U'a' : has(on, 'u') ? U'u' : U'\0'};
  const auto set = [&](bool& value, char32_t flag) {
    value = has(on, flag) || (value && !has(off, flag));
  };
  set(group.flags.ignoring_case, 'i');
  set(group.flags.multiline, 'm');
  set(group.flags.dot_all, 's');
  if (group.type) group.flags.ascii = group.type == 'a';
  return group;
}

base::Result<std::u32string> read_name(Reader& reader) {
  if (reader.take('='))
    return Error{
        "(?P=name) (what a group matched) cannot be expressed here; write the text itself, or one "
        "pattern for each of the texts"};
  if (!reader.take('<')) return Error{"(?P: a named group is written (?P<name>...)"};
  std::u32string name;
  for (char32_t c = reader.next(); c != '>'; c = reader.next()) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
    const bool digit = c >= '0' && c <= '9';
    if (c == Reader::none || !(letter || (digit && !name.empty())))
      return Error{"(?P<name>...): a name has letters, digits and _, and begins with no digit"};
    name += c;
  }
  if (name.empty()) return Error{"(?P<>...): the group has no name"};
  return name;
}

std::optional<Error> beyond_re2(char32_t first) {
  for (const Refusal& refusal : refusals)
    if (refusal.first == first) return Error{refusal.text};
  return std::nullopt;
}

}  // namespace rules::python
