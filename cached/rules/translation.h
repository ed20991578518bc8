// What a pattern of another language becomes for RE2, and the pieces both translators write it
// with.
// SPDX-License-Identifier: MIT

#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace rules {

using Bytes = std::bitset<256>;

// The texts of at least four bytes that every match contains, in lower case.
class Contained {
 public:
  static constexpr std::size_t least = 4;

  void add(char c);  // the pattern goes on with this byte
  void cut();        // ... with something else
  void drop();       // the byte added last need not be there after all

  std::vector<std::string> take();

 private:
  std::string run_;
  std::vector<std::string> texts_;
};

struct Translation {
  std::string bytes;   // in Latin-1: for texts in ASCII, of Lua for all
  std::string marked;  // in UTF-8: for other texts, as mark() makes them; not for Lua
  std::vector<std::string> contains;  // empty: not known
  std::string literal;                // the pattern is nothing but this text
  bool is_literal = false;
  bool ignoring_case = false;  // the literal
  bool counted = false;        // has {n,m}: may be much longer than it looks
  bool ordered = false;        // Lua: which of several matches is found first decides as well
};

void append_code(std::string& out, char32_t code);  // one character, as RE2 reads it in a pattern
std::string byte_class(const Bytes& bytes);         // one of these bytes
Bytes with_both_cases(Bytes bytes);                 // ASCII letters only

}  // namespace rules
