// See marked_text.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/marked_text.h"

#include <re2/re2.h>
#include <re2/set.h>
#include <utility>
#include <vector>

#include "cached/base/check.h"
#include "cached/base/text.h"

namespace rules {
namespace {

std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      out += c;
    else
      out += {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
  }
  return out;
}

// The kind of one character.
class KindOf {
 public:
  KindOf() : set_(options(), RE2::ANCHOR_BOTH) {
    for (const char* kind : {R"(\p{Nd})", R"([\p{L}\p{N}])",
                             R"([\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f})"
                             R"(\x{205f}\x{3000}])"})
      base::check(set_.Add(kind, nullptr) >= 0, "RE2 knows the categories of Unicode");
    base::check(set_.Compile(), "three classes fit the memory");
  }

  Kinds operator()(std::string_view character) const {
    std::vector<int> kinds;
    set_.Match(character, &kinds);
    Kinds found = 0;
    for (const int kind : kinds) found |= 1u << kind;
    if (found & digits) return digits;
    return found ? found : others;
  }

 private:
  static RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    return options;
  }
  RE2::Set set_;
};

const KindOf& kind_of() {
  static const KindOf kind;
  return kind;
}

char mark_of(Kinds kind) { return static_cast<char>(kind); }  // 1, 2, 4 or 8

}  // namespace

std::string mark_class(Kinds kinds) {
  std::string out = "[";
  for (const Kinds kind : {digits, other_of_words, spaces, others})
    if (kinds & kind) out += base::cat("\\x0", kind);
  return out + "]";
}

std::string marked_class(Kinds kinds) { return mark_class(kinds) + "[^\\x00-\\x7f]"; }

std::string mark(std::string_view given) {
  const std::string text = base::is_utf8(given) ? std::string(given) : from_latin1(given);
  const KindOf& kind = kind_of();
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (text[end] & 0xC0) == 0x80) end++;
    const std::string_view character = std::string_view(text).substr(at, end - at);
    if (character.size() > 1) out += mark_of(kind(character));
    out += character;
    at = end;
  }
  return out;
}

std::string folded(std::string_view text) {
  std::string out = base::lower(text);
  constexpr std::pair<std::string_view, char> letters[] = {{"\xc5\xbf", 's'},
                                                           {"\xe2\x84\xaa", 'k'}};
  for (const auto& [beyond, letter] : letters)
    for (auto at = out.find(beyond); at != std::string::npos; at = out.find(beyond, at))
      out.replace(at, beyond.size(), 1, letter);
  return out;
}

}  // namespace rules
