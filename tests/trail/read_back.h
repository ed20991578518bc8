// Reads back what the trail has written, by the rules of cached-audit(5) and not by our own code,
// so that a value that could forge a line or a field is found out.
// SPDX-License-Identifier: MIT

#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cached/trail/line.h"

namespace read_back {

using Value = std::optional<std::string>;  // nullopt: not known
using Pairs = std::vector<std::pair<std::string, Value>>;

// \xHH back to bytes. nullopt: something else stands behind a backslash.
inline std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (text.substr(i, 2) != "\\x" || i + 4 > text.size()) return std::nullopt;
    const std::string digits(text.substr(i + 2, 2));
    if (digits.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
    out += static_cast<char>(std::stoi(digits, nullptr, 16));
    i += 3;
  }
  return out;
}

// The pairs of a classic line, in their order; none when it is no such line. `is_fact`: those that
// are <None> when they are not known.
inline Pairs line(std::string_view text) {
  constexpr std::string_view facts = " as_desc as_org net_name ";
  Pairs pairs;
  while (!text.empty()) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string name(text.substr(0, equals));
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string::npos) return {};
    text.remove_prefix(equals + 1);
    const bool bracketed = text.starts_with('<');
    const auto end = std::min(bracketed ? text.find('>') : text.find(", "), text.size());
    if (bracketed && end == text.size()) return {};
    const auto raw = text.substr(bracketed, end - bracketed);
    const auto value = unescaped(raw);
    if (!value) return {};
    const bool is_fact = facts.find(" " + name + " ") != std::string_view::npos;
    const bool is_none = raw == "None" && (!bracketed || is_fact);
    pairs.emplace_back(name, is_none ? Value() : *value);
    text.remove_prefix(end + bracketed);
    if (text.empty()) break;
    if (!text.starts_with(", ") || text.size() == 2) return {};
    text.remove_prefix(2);
  }
  return pairs;
}

// A text of the JSON form; nullopt: null. Anything else is found out by the comparison.
inline Value text(const rapidjson::Value& value) {
  if (value.IsNull()) return std::nullopt;
  if (!value.IsString()) return "no text";
  return unescaped({value.GetString(), value.GetStringLength()}).value_or("badly escaped");
}

// What a reader of Python makes of the text at `literal`, in bytes; nullopt: it is none.
inline std::optional<std::string> python_text(std::string_view literal) {
  if (literal.size() < 2 || (literal[0] != '\'' && literal[0] != '"')) return std::nullopt;
  const char quote = literal[0];
  std::string inside;
  for (std::size_t i = 1; i + 1 < literal.size(); i++) {
    if (literal[i] == quote) return std::nullopt;
    const bool quotes = literal[i] == '\\' && literal[i + 1] == '\'';
    inside += literal[i += quotes];
  }
  if (literal.back() != quote) return std::nullopt;
  return unescaped(inside);
}

}  // namespace read_back
