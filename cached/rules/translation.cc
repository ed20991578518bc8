// See translation.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/translation.h"

#include <charconv>
#include <utility>

#include "cached/base/text.h"

namespace rules {

void Contained::add(char c) { run_ += c; }

void Contained::cut() {
  if (run_.size() >= least) texts_.push_back(base::lower(run_));
  run_.clear();
}

void Contained::drop() {
  if (!run_.empty()) run_.pop_back();
}

std::vector<std::string> Contained::take() {
  cut();
  return std::exchange(texts_, {});
}

void append_code(std::string& out, char32_t code) {
  const bool plain =
      (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
  if (plain) {
    out += static_cast<char>(code);
    return;
  }
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, std::uint32_t{code}, 16).ptr;
  out.append("\\x{").append(digits, end).append("}");
}

std::string byte_class(const Bytes& bytes) {
  if (bytes.none()) return "[^\\x00-\\xff]";
  std::string out;
  if (bytes.count() == 1) {
    append_code(out, static_cast<char32_t>(bytes._Find_first()));
    return out;
  }
  out = "[";
  for (std::size_t from = bytes._Find_first(); from < bytes.size();) {
    std::size_t to = from;
    while (to + 1 < bytes.size() && bytes[to + 1]) to++;
    append_code(out, static_cast<char32_t>(from));
    if (to > from) append_code(out += '-', static_cast<char32_t>(to));
    from = bytes._Find_next(to);
  }
  return out += ']';
}

Bytes with_both_cases(Bytes bytes) {
  for (std::size_t upper = 'A'; upper <= 'Z'; upper++) {
    const std::size_t lower = upper + ('a' - 'A');
    if (bytes[upper] || bytes[lower]) bytes.set(upper).set(lower);
  }
  return bytes;
}

}  // namespace rules
