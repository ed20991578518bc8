// See text.h.
// SPDX-License-Identifier: MIT

#include "cached/base/text.h"

#include <strings.h>
#include <algorithm>
#include <array>

namespace base {
namespace {

// Of UTF-8: it is not the first byte of a character.
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The length of the UTF-8 sequence at the front (RFC 3629, table in section 4), 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned char {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto in = [&](std::size_t i, unsigned low, unsigned high) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead == 0xC2) return in(1, 0xA0, 0xBF) ? 2 : 0;  // not U+0080..9F: control characters again
  if (in(0, 0xC3, 0xDF)) return in(1, 0x80, 0xBF) ? 2 : 0;
  if (in(0, 0xE0, 0xEF)) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return in(1, low, high) && in(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (in(0, 0xF0, 0xF4)) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return in(1, low, high) && in(2, 0x80, 0xBF) && in(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

using Bytes = std::array<bool, 256>;

// What stands for itself: ASCII without control bytes and those of `special`.
constexpr Bytes plain_but(std::string_view special) {
  Bytes plain{};
  for (std::size_t c = 0x20; c < 0x7f; c++)
    plain[c] = special.find(static_cast<char>(c)) == std::string_view::npos;
  return plain;
}

// UTF-8 as it is, but for ASCII that is not plain, and what is no UTF-8: \xHH.
void escape(std::string& out, std::string_view text, const Bytes& plain) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto is_plain = [&](char c) { return plain[static_cast<unsigned char>(c)]; };
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    const auto end = std::find_if_not(text.begin(), text.end(), is_plain);
    auto length = static_cast<std::size_t>(end - text.begin());
    if (length == 0 && c >= 0x80) length = utf8_length(text);
    if (length)
      out += text.substr(0, length);
    else
      out += {'\\', 'x', digits[c >> 4], digits[c & 15]};
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

std::string escaped(std::string_view text, const Bytes& plain) {
  std::string out;
  out.reserve(text.size());
  escape(out, text, plain);
  return out;
}

constexpr Bytes plain_in_brackets = plain_but("<>\\"), plain_in_word = plain_but("<>\\, ");

}  // namespace

std::string_view trim(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::optional<std::string_view> part(std::string_view text, char separator, int n) {
  for (; n > 0; n--) {
    const auto at = text.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + 1);
  }
  return text.substr(0, text.find(separator));
}

std::vector<std::string_view> split_words(std::string_view text) {
  constexpr std::string_view gaps = " \t,";
  std::vector<std::string_view> words;
  for (auto from = text.find_first_not_of(gaps); from != std::string_view::npos;) {
    const auto to = std::min(text.find_first_of(gaps, from), text.size());
    words.push_back(text.substr(from, to - from));
    from = text.find_first_not_of(gaps, to);
  }
  return words;
}

std::string printable(std::string_view text) { return escaped(text, plain_in_brackets); }
std::string printable_word(std::string_view text) { return escaped(text, plain_in_word); }

void append_printable(std::string& out, std::string_view text) {
  escape(out, text, plain_in_brackets);
}
void append_printable_word(std::string& out, std::string_view text) {
  escape(out, text, plain_in_word);
}

std::string_view first_characters(std::string_view text, std::size_t most) {
  for (std::size_t i = 0; i < text.size(); i++)
    if (!continues_character(text[i]) && most-- == 0) return text.substr(0, i);
  return text;
}

std::string ascii_of(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!continues_character(c)) out += (c & 0x80) == 0 ? c : '?';
  return out;
}

std::string as_utf8(std::string_view text) {
  static constexpr Bytes plain = [] {
    Bytes ascii{};
    std::fill_n(ascii.begin(), 0x80, true);
    ascii['\\'] = false;
    return ascii;
  }();
  return escaped(text, plain);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c + (c >= 'A' && c <= 'Z') * ('a' - 'A'));
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c - (c >= 'a' && c <= 'z') * ('a' - 'A'));
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
