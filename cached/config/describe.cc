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

std::string limits_of(const Option& option) {
  const std::string_view type = option.type;
  if (type == "choice") {
    std::string words;
    for (const char* c = option.limits.choices; *c; c++)
      words += *c == '|' ? ", " : std::string(1, *c);
    return words;
  }
  if (option.limits.max == 0) return std::string(type);
  const std::string_view unit = type == "duration" ? "ms" : "";
  return cat(type, ", ", option.limits.min, unit, " to ", option.limits.max, unit);
}

std::string_view when_text(const Option& option) {
  return option.when == When::start ? "Takes effect at a restart." : "";
}

// In mdoc every sentence starts a line, and a line must not start with a macro's dot or quote.
std::string sentences(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find(". ");
    const auto sentence = end == std::string_view::npos ? text : text.substr(0, end + 1);
    for (const char c : sentence) out += c == '\\' ? "\\e" : std::string(1, c);
    out += '\n';
    text.remove_prefix(std::min(sentence.size() + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string describe_sample() {
  std::string out =
      "# cached.conf - see cached.conf(5). Every option is here at its default, commented out.\n"
      "# A comment has a line of its own. SIGHUP makes cached read this file again.\n";
  for (const Section& section : sections()) {
    out += cat("\n", wrapped(section.doc, "# "), "[", section.name, "]\n");
    for (const Option& option : all_options()) {
      if (std::string_view(option.section) != section.name) continue;
      const auto when = when_text(option);
      out += cat("\n", wrapped(cat(option.doc, when.empty() ? "" : " ", when), "# "));
      out += wrapped(cat("(", limits_of(option), ")"), "# ");
      out += cat("#", option.name, " =", *option.fallback ? " " : "", option.fallback, "\n");
    }
  }
  return out;
}

std::string describe_manual() {
  std::string out;
  for (const Section& section : sections()) {
    out += cat(".Ss [", section.name, "]\n", sentences(section.doc), ".Bl -tag -width indent\n");
    for (const Option& option : all_options()) {
      if (std::string_view(option.section) != section.name) continue;
      out += cat(".It Cm ", option.name, " No = Ar ", option.type, "\n", sentences(option.doc));
      out += *option.fallback ? cat("Default: ", option.fallback, "\n") : "Default: empty.\n";
      if (option.limits.max || option.limits.choices)
        out += cat("Allowed: ", limits_of(option), ".\n");
      out += sentences(when_text(option));
    }
    out += ".El\n";
  }
  return out;
}

}  // namespace config
