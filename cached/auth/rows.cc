// See rows.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/rows.h"

#include <algorithm>
#include <cstdio>

#include "cached/base/text.h"

namespace auth::rows {

using base::cat;
using facts::Fact;
using Clock = std::chrono::steady_clock;

std::string since(Clock::time_point start) {
  char text[32];
  const std::chrono::duration<double, std::micro> time = Clock::now() - start;
  const bool long_time = time.count() >= 1000;
  std::snprintf(text, sizeof text, "%.1f %s", long_time ? time.count() / 1000 : time.count(),
                long_time ? "ms" : "us");
  return text;
}

// A line: what, its value, where it is from and how long that took.
std::string row(std::string_view name, std::string_view value, std::string_view note) {
  constexpr std::size_t name_width = 23, value_width = 40;
  std::string line = cat("  ", name);
  line.resize(std::max(line.size() + 1, name_width), ' ');
  line += base::printable(value);
  if (note.empty()) return line + "\n";
  line.resize(std::max(line.size() + 2, name_width + value_width), ' ');
  return cat(line, note, "\n");
}

std::string text_of(const Fact<std::string>& fact) {
  return fact.find() ? *fact.find() : state_text(fact);
}

std::string text_of(const Fact<std::vector<std::string>>& fact) {
  std::string text;
  if (const auto* words = fact.find())
    for (const std::string& word : *words) text += cat(text.empty() ? "" : ", ", word);
  return text.empty() ? state_text(fact) : text;
}

std::string text_of(const Fact<std::vector<std::uint32_t>>& fact) {
  std::string text;
  if (const auto* numbers = fact.find())
    for (const auto number : *numbers) text += cat(text.empty() ? "AS" : ", AS", number);
  return text.empty() ? state_text(fact) : text;
}

std::string text_of(const Fact<facts::Confirmed>& fact) {
  constexpr const char* words[] = {"pass", "fail", "none", "could not be found out"};
  return fact.find() ? words[static_cast<int>(*fact.find())] : state_text(fact);
}

std::string age_of(facts::Source source, std::chrono::milliseconds age) {
  if (source == facts::Source::asked) return "asked now";
  return cat(source == facts::Source::stale ? "old, being asked again, " : "remembered, ",
             age.count() / 1000, " s old");
}

}  // namespace auth::rows
