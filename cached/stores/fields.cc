// See fields.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/fields.h"

#include <algorithm>

#include "cached/base/text.h"

namespace stores {
namespace {

using base::Error;
using base::Result;

constexpr std::size_t longest_value = 1024;

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool consists_of(std::string_view text, std::string_view special) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return letters_and_digits.find(c) != std::string_view::npos ||
           special.find(c) != std::string_view::npos;
  });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Appends one character or %{attribute} from the front of the text, and removes it; false: it is
// neither.
bool take_piece(std::string_view& text, std::vector<Field::Piece>& pieces) {
  if (text.starts_with("%{")) {
    const auto end = text.find('}');
    if (end == std::string_view::npos) return false;
    const auto name = text.substr(2, end - 2);
    if (!consists_of(name, "-;.")) return false;  // RFC 4512, 2.5
    pieces.push_back({true, std::string(name)});
    text.remove_prefix(end + 1);
    return true;
  }
  if (text.front() == '%' && !text.starts_with("%%")) return false;
  if (pieces.empty() || pieces.back().is_attribute) pieces.emplace_back();
  pieces.back().text += text.front();
  text.remove_prefix(text.front() == '%' ? 2 : 1);
  return true;
}

}  // namespace

Result<Field> parse_field(std::string_view word) {
  const auto quoted = [word] { return base::cat("<", base::printable(word), ">"); };
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || !consists_of(word.substr(0, equals), "_-"))
    return Error{base::cat(quoted(), " is not name=value")};
  Field field{std::string(word.substr(0, equals)), {}};
  for (auto rest = word.substr(equals + 1); !rest.empty();)
    if (!take_piece(rest, field.pieces))
      return Error{base::cat(quoted(), ": after % comes {attribute} or another %")};
  return field;
}

std::optional<std::string> fill(const Field& field, const FirstValue& first_value) {
  std::string out;
  for (const Field::Piece& piece : field.pieces) {
    if (!piece.is_attribute) {
      out += piece.text;
      continue;
    }
    const auto value = first_value(piece.text);
    if (!value || value->empty() || value->size() > longest_value) return std::nullopt;
    if (std::any_of(value->begin(), value->end(), is_control)) return std::nullopt;
    out += *value;
  }
  return out;
}

}  // namespace stores
