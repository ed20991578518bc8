// See python_pattern.h. What is accepted, and what is an error, follows _parse() of
// Lib/re/_parser.py in Python 3.11.
// SPDX-License-Identifier: MIT

#include "cached/rules/python_pattern.h"

#include <algorithm>
#include <limits>

#include "cached/base/text.h"
#include "cached/rules/python_class.h"
#include "cached/rules/python_group.h"

namespace rules {
namespace {

using base::cat;
using base::Error;
using python::Class;
using python::Escape;
using python::Flags;
using python::Reader;

constexpr unsigned most_repetitions = 1000;  // RE2's

class Translator {
 public:
  Translator(Reader reader, Extent extent, bool ignoring_case)
      : reader_(std::move(reader)), extent_(extent) {
    flags_.ignoring_case = ignoring_case;
  }

  base::Result<Translation> run() {
    out_.is_literal = extent_ == Extent::whole_text;
    while (!reader_.at_end()) {
      auto went = step(reader_.next());
      if (!went) return went.error();
    }
    if (!outer_.empty()) return Error{"a ( without its ); write \\( for a parenthesis"};
    const bool whole = extent_ == Extent::whole_text;
    const std::string any = marked_class(all_kinds);
    out_.bytes = cat("(?:", out_.bytes, whole ? ")" : ")(?s:.)*");
    out_.marked = cat("(?:", out_.marked, whole ? ")" : cat(")(?:[\\x00-\\x7f]|", any, ")*"));
    out_.ignoring_case = flags_.ignoring_case;
    out_.contains = contained_.take();
    if (alternatives_) out_.contains.clear();
    return std::move(out_);
  }

 private:
  enum class Item { none, assertion, single, group, repetition };

  base::Status step(char32_t c) {
    if (c == '(') return open();
    if (c == ')') return close();
    if (c == '*') return repeat(0, unlimited, "*");
    if (c == '+') return repeat(1, unlimited, "+");
    if (c == '?') return repeat(0, 1, "?");
    if (c == '{') return braces();
    if (c == '\\') return escape();
    if (c == '[') {
      const auto set = python::read_set(reader_, flags_);
      if (!set) return set.error();
      return one_of(*set);
    }
    if (c == '.') {
      Class all(flags_);
      if (flags_.dot_all) {
        all.add(0, Reader::none - 1);
      } else {
        all.add('\n', '\n');
        all.negate();
      }
      return one_of(all);
    }
    if (c == '^') return assertion(flags_.multiline ? "(?m:^)" : "\\A");
    // Also before a newline at the end, where there may be one behind the match at all.
    if (c == '$')
      return assertion(flags_.multiline                ? "(?m:$)"
                       : extent_ == Extent::whole_text ? "\\z"
                                                       : "(?:\\n?\\z)");
    if (c == '|') return alternative();
    return character(c);
  }

  base::Status escape() {
    const auto escape = python::read_escape(reader_, false);
    if (!escape) return escape.error();
    if (escape->kind == Escape::Kind::character) return character(escape->value);
    const char letter = static_cast<char>(escape->value);
    if (escape->kind == Escape::Kind::assertion)
      return assertion(letter == 'Z' ? "\\z" : cat("\\", letter));
    Class category(flags_);
    category.add_category(letter);
    return one_of(category);
  }

  base::Status character(char32_t c) {
    Class only(flags_);
    only.add(c, c);
    const bool literal = out_.is_literal && c < 0x80;
    out_.bytes += only.bytes();
    out_.marked += only.marked();
    if (outer_.empty() && c < 0x80)
      contained_.add(static_cast<char>(c));
    else
      contained_.cut();
    if (literal) out_.literal += static_cast<char>(c);
    out_.is_literal = literal;
    last_ = Item::single;
    last_is_character_ = c < 0x80;
    return base::Done{};
  }

  base::Status one_of(const Class& set) {
    contained_.cut();
    out_.is_literal = false;
    out_.bytes += set.bytes();
    out_.marked += set.marked();
    last_ = Item::single;
    last_is_character_ = false;
    return base::Done{};
  }

  base::Status assertion(std::string_view text) {
    contained_.cut();
    out_.is_literal = false;
    out_.bytes += text;
    out_.marked += text;
    last_ = Item::assertion;
    return base::Done{};
  }

  base::Status alternative() {
    contained_.cut();
    out_.is_literal = false;
    alternatives_ = alternatives_ || outer_.empty();
    out_.bytes += '|';
    out_.marked += '|';
    last_ = Item::none;
    return base::Done{};
  }

  base::Status repeat(unsigned least, unsigned most, std::string_view text) {
    if (last_ == Item::none || last_ == Item::assertion)
      return Error{cat(text, " has nothing to repeat; write \\ before it to mean the character")};
    if (last_ == Item::repetition)
      return Error{cat(text,
                       " follows another repetition; write \\ before it to mean the "
                       "character, or (?:...) around what is repeated twice")};
    if (reader_.take('+'))
      return Error{cat(text, "+ (possessive) cannot be expressed here; write ", text,
                       ", which never takes long")};
    if (last_ == Item::single && last_is_character_ && least == 0 && outer_.empty())
      contained_.drop();
    contained_.cut();
    out_.is_literal = false;
    out_.counted = out_.counted || (most > 1 && most != unlimited) || least > 1;
    const std::string both = cat(text, reader_.take('?') ? "?" : "");
    out_.bytes += both;
    out_.marked += both;
    last_ = Item::repetition;
    return base::Done{};
  }

  // Digits; more than any limit here when there are too many of them.
  unsigned number() {
    unsigned value = 0;
    while (reader_.peek() >= '0' && reader_.peek() <= '9')
      value = std::min(value * 10 + (reader_.next() - '0'), 1'000'000u);
    return value;
  }

  // {2}, {2,}, {,3}, {2,3}; anything else in braces is text.
  base::Status braces() {
    const std::size_t start = reader_.place();
    if (reader_.peek() == '}') return character('{');
    const bool has_least = reader_.peek() != ',';
    const unsigned least = number();
    bool has_most = has_least;
    unsigned most = least;
    if (reader_.take(',')) {
      has_most = reader_.peek() != '}';
      most = number();
    }
    if (!reader_.take('}')) {
      reader_.go_back(start);
      return character('{');
    }
    if (has_most && most < least) return Error{"{n,m}: the second number is less than the first"};
    if (least > most_repetitions || (has_most && most > most_repetitions))
      return Error{"{n,m}: RE2 repeats at most 1000 times; write * or + for any number"};
    return repeat(least, has_most ? most : unlimited,
                  cat("{", least, has_most && most == least ? "" : ",",
                      has_most && most != least ? cat(most) : "", "}"));
  }

  base::Status open() {
    if (!reader_.take('?')) return enter(flags_);
    const char32_t c = reader_.next();
    if (c == ':') return enter(flags_);
    if (c == '#') return comment();
    if (c == 'P') return named();
    if (auto refused = python::beyond_re2(c)) return std::move(*refused);
    return flags(c);
  }

  base::Status enter(const Flags& inside) {
    contained_.cut();
    out_.is_literal = false;
    outer_.push_back(flags_);
    out_.bytes += "(?:";
    out_.marked += "(?:";
    flags_ = inside;
    last_ = Item::none;
    return base::Done{};
  }

  base::Status close() {
    if (outer_.empty()) return Error{"a ) without its (; write \\) for a parenthesis"};
    contained_.cut();
    flags_ = outer_.back();
    outer_.pop_back();
    out_.bytes += ')';
    out_.marked += ')';
    last_ = Item::group;
    return base::Done{};
  }

  base::Status comment() {
    for (char32_t c = reader_.next(); c != ')'; c = reader_.next())
      if (c == Reader::none) return Error{"a comment (?#... without its )"};
    return base::Done{};
  }

  base::Status named() {
    const auto name = python::read_name(reader_);
    if (!name) return name.error();
    if (std::find(names_.begin(), names_.end(), *name) != names_.end())
      return Error{"(?P<name>...): two groups have the same name"};
    names_.push_back(*name);
    return enter(flags_);
  }

  // (?i) at the start, or (?i-s:...): from behind `(?`.
  base::Status flags(char32_t first) {
    const auto read = python::read_flags(reader_, first, flags_);
    if (!read) return read.error();
    if (!read->global) return enter(read->flags);
    if (!out_.marked.empty())
      return Error{"flags like (?i) stand at the start of a pattern; elsewhere write (?i:...)"};
    if (read->type && type_ && read->type != type_)
      return Error{"(?a) and (?u) exclude each other"};
    if (read->type) type_ = read->type;
    flags_ = read->flags;
    return base::Done{};
  }

  static constexpr unsigned unlimited = std::numeric_limits<unsigned>::max();

  Reader reader_;
  const Extent extent_;
  Flags flags_;
  std::vector<Flags> outer_;  // what held outside of each open group
  Translation out_;
  Contained contained_;
  std::vector<std::u32string> names_;
  Item last_ = Item::none;
  bool last_is_character_ = false;
  bool alternatives_ = false;
  char32_t type_ = 0;  // a or u, where (?a) or (?u) was written
};

}  // namespace

base::Result<Translation> translate_python(std::string_view pattern, Extent extent,
                                           bool ignoring_case) {
  auto reader = Reader::open(pattern);
  if (!reader) return reader.error();
  return Translator(*std::move(reader), extent, ignoring_case).run();
}

}  // namespace rules
