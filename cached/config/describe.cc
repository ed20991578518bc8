// See describe.h.
// SPDX-License-Identifier: MIT

#include "cached/config/describe.h"

#include <string_view>

#include "cached/base/text.h"
#include "cached/config/options.h"

namespace config {
namespace {

using base::cat;

// Breaks text into lines of at most 78 columns, each behind `prefix`.
std::string wrapped(std::string_view text, std::string_view prefix) {
  std::string out, line;
  const auto flush = [&] { out += cat(prefix, line, "\n"); };
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!line.empty() && prefix.size() + line.size() + 1 + word.size() > 78) {
      flush();
      line.clear();
    }
    line += cat(line.empty() ? "" : " ", word);
  }
  flush();
  return out;
}

// In the largest unit that says it with a whole number, as a file would.
std::string duration_text(std::int64_t milliseconds) {
  constexpr std::pair<std::int64_t, const char*> units[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}};
  for (const auto& [length, suffix] : units)
    if (milliseconds % length == 0) return cat(milliseconds / length, suffix);
  return cat(milliseconds, "ms");
}

// What a value may be, besides being of its type; empty: anything.
std::string limits_of(const Option& option) {
  const auto [min, max, choices] = option.limits;
  if (choices) {
    std::string words;
    for (const char* c = choices; *c; c++) words += *c == '|' ? ", " : std::string(1, *c);
    return words;
  }
  if (max == 0) return {};
  if (std::string_view(option.type) == "duration")
    return cat(duration_text(min), " to ", duration_text(max));
  return cat(min, " to ", max);
}

std::string_view when_text(const Option& option) {
  return option.when == When::start ? "Takes effect at a restart." : "";
}

// The default, what is allowed, and when a change takes effect.
std::string default_text(const Option& option) {
  const auto limits = limits_of(option);
  return cat("Default: ", *option.fallback ? option.fallback : "empty", ". ",
             limits.empty() ? "" : cat("Allowed: ", limits, ". "), when_text(option));
}

std::string heading_of(const Section& section) {
  return cat("[", section.name, section.add ? " NAME]" : "]");
}

}  // namespace

// In mdoc every sentence starts a line. A dot or quote at the front of one would make it a macro:
// no word of the table begins so.
std::string sentences(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find(". ");
    const auto sentence = end == std::string_view::npos ? text : text.substr(0, end + 1);
    text.remove_prefix(std::min(sentence.size() + 1, text.size()));
    std::string escaped;
    for (const char c : sentence) escaped += c == '\\' ? "\\e" : std::string(1, c);
    out += wrapped(escaped, "");
  }
  return out;
}

std::string describe_sample() {
  std::string out =
      "# cached.conf - see cached.conf(5). Every option is here at its default, commented out.\n"
      "# A comment has a line of its own. SIGHUP makes cached read this file again.\n";
  for (const Section& section : sections()) {
    out += cat("\n", wrapped(section.doc, "# "), section.add ? "#" : "", heading_of(section), "\n");
    if (section.take) out += cat("\n#", section.example, "\n");
    for (const Option& option : all_options()) {
      if (std::string_view(option.section) != section.name) continue;
      const auto when = when_text(option);
      out += cat("\n", wrapped(cat(option.doc, when.empty() ? "" : " ", when), "# "));
      const auto limits = limits_of(option);
      out += wrapped(cat("(", option.type, limits.empty() ? "" : ", ", limits, ")"), "# ");
      out += cat("#", option.name, " =", *option.fallback ? " " : "", option.fallback, "\n");
    }
  }
  return out;
}

std::string describe_manual() {
  std::string out;
  for (const Section& section : sections()) {
    out += cat(".Ss ", heading_of(section), "\\&\n", sentences(section.doc));
    if (section.take) {
      out += cat(".Pp\n.Dl ", section.example, "\n");
      continue;
    }
    out += ".Bl -tag -width indent\n";
    for (const Option& option : all_options()) {
      if (std::string_view(option.section) != section.name) continue;
      out += cat(".It Cm ", option.name, " No = Ar ", option.type, "\n", sentences(option.doc));
      out += cat(".br\n", sentences(default_text(option)));
    }
    out += ".El\n";
  }
  return out;
}

}  // namespace config
