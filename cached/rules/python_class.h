// What matches a single character in a pattern of Python's re: characters, escapes and sets. Groups
// and repetitions are python_pattern.cc's.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/base/result.h"
#include "cached/rules/marked_text.h"
#include "cached/rules/translation.h"

namespace rules::python {

// The characters of a pattern, and how far it has been read.
class Reader {
 public:
  static constexpr char32_t none = 0x110000;  // behind the end

  // An error when it is not UTF-8.
  static base::Result<Reader> open(std::string_view pattern);

  bool at_end() const { return at_ == text_.size(); }
  char32_t peek() const { return at_end() ? none : text_[at_]; }
  char32_t next() { return at_end() ? none : text_[at_++]; }
  bool take(char32_t c);
  std::size_t place() const { return at_; }
  void go_back(std::size_t place) { at_ = place; }

 private:
  std::u32string text_;
  std::size_t at_ = 0;
};

struct Flags {
  bool ignoring_case = false;
  bool multiline = false;
  bool dot_all = false;
  bool ascii = false;  // what \d, \s and \w know
};

// A set of characters.
class Class {
 public:
  explicit Class(const Flags& flags) : flags_(flags) {}

  void add(char32_t low, char32_t high);  // with both ends
  void add_category(char letter);         // of \d \D \s \S \w \W
  void negate();                          // the last of all

  // As in Translation.
  std::string bytes() const;
  std::string marked() const;

 private:
  Bytes in_ascii() const;

  const Flags flags_;
  Bytes ascii_;
  Kinds kinds_ = 0;      // of characters beyond ASCII
  std::string inside_;   // of RE2's brackets: all other characters
  bool beyond_ = false;  // some of those may be beyond ASCII
  bool negated_ = false;
};

struct Escape {
  enum class Kind { character, category, assertion } kind;
  char32_t value;  // the character, or the letter
};

// Behind a backslash.
base::Result<Escape> read_escape(Reader& reader, bool in_set);

// Behind the `[` of a set, to its `]`.
base::Result<Class> read_set(Reader& reader, const Flags& flags);

}  // namespace rules::python
