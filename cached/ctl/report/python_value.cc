// See python_value.h. Every function takes what it has read from the front of `rest`.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/python_value.h"

#include <cstdint>

#include "cached/base/text.h"

namespace ctl::report {
namespace {

constexpr std::size_t most_items = 1000;

bool take(std::string_view& rest, char c) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (c >> 18 & 7));
    tail(12), tail(6), tail(0);
  }
}

// What stands behind a backslash; of \xHH, \uHHHH and \UHHHHHHHH the character.
void take_escape(std::string_view& rest, std::string& out) {
  if (rest.empty()) return;
  const char kind = rest.front();
  rest.remove_prefix(1);
  const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  std::uint32_t number = 0;
  const auto hex = rest.substr(0, digits);
  const auto end = std::from_chars(hex.data(), hex.data() + hex.size(), number, 16).ptr;
  if (digits && hex.size() == digits && end == hex.data() + digits) {
    rest.remove_prefix(digits);
    return append_utf8(out, number);
  }
  out += kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind;
}

std::string take_text(std::string_view& rest) {
  const char quote = rest.front();
  rest.remove_prefix(1);
  std::string out;
  while (!rest.empty() && rest.front() != quote) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\\')
      take_escape(rest, out);
    else
      out += c;
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return out;
}

bool is_quote(std::string_view rest) { return rest.starts_with('\'') || rest.starts_with('"'); }

// A text, or a word such as None or -97.822.
std::string take_scalar(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (is_quote(rest)) return take_text(rest);
  const auto word = rest.substr(0, rest.find_first_of(",:])} "));
  rest.remove_prefix(word.size());
  return word == "None" ? std::string() : std::string(word);
}

// Up to the comma or bracket that ends it.
std::string_view take_item(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto whole = rest;
  int depth = 0;
  while (!rest.empty()) {
    const char c = rest.front();
    if (depth == 0 && (c == ',' || c == ']' || c == ')')) break;
    if (is_quote(rest)) {
      take_text(rest);
      continue;
    }
    depth += (c == '{' || c == '[' || c == '(') - (c == '}' || c == ']' || c == ')');
    rest.remove_prefix(1);
  }
  return whole.substr(0, whole.size() - rest.size());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> python_pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!take(text, '{')) return pairs;
  while (pairs.size() < most_items && !take(text, '}')) {
    std::string key = take_scalar(text);
    if (!take(text, ':')) break;
    pairs.emplace_back(std::move(key), take_scalar(text));
    if (!take(text, ',')) break;
  }
  return pairs;
}

std::vector<std::string_view> python_items(std::string_view text) {
  std::vector<std::string_view> items;
  if (!take(text, '[') && !take(text, '(')) return items;
  while (items.size() < most_items) {
    const auto item = take_item(text);
    if (!item.empty()) items.push_back(item);
    if (!take(text, ',')) break;
  }
  return items;
}

std::vector<std::string> python_texts(std::string_view text) {
  std::vector<std::string> texts;
  for (auto item : python_items(text)) texts.push_back(take_scalar(item));
  return texts;
}

}  // namespace ctl::report
