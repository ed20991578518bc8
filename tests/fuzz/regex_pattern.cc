// Fuzz target: a pattern of Python's re, a NUL and a text. What is accepted compiles, for texts in
// ASCII and for others, and both match the same of what both can read.
// SPDX-License-Identifier: MIT

#include <re2/re2.h>
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "cached/base/check.h"
#include "cached/base/text.h"
#include "cached/rules/marked_text.h"
#include "cached/rules/patterns.h"
#include "cached/rules/python_pattern.h"

namespace {

void compare(const rules::Translation& translation, std::string_view text) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 marked(translation.marked, options);
  options.set_encoding(RE2::Options::EncodingLatin1);
  const RE2 bytes(translation.bytes, options);
  base::check(bytes.ok() && marked.ok(), "what is accepted compiles");
  const bool matches = RE2::FullMatch(rules::mark(text), marked);
  if (base::is_ascii(text))
    base::check(RE2::FullMatch(text, bytes) == matches, "in ASCII both are the same");
  if (!matches) return;
  for (const std::string& part : translation.contains)
    base::check(rules::folded(text).find(part) != std::string::npos,
                "a match contains what it has to");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rules::Patterns;
  using rules::Syntax;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(input.find('\0'), size);
  const std::string_view pattern = input.substr(0, end);
  const std::string_view text = input.substr(std::min(end + 1, size));
  if (pattern.size() > 80) return 0;

  static const std::vector<rules::Rule> one(1);
  for (const auto extent : {rules::Extent::whole_text, rules::Extent::beginning}) {
    const bool whole = extent == rules::Extent::whole_text;
    for (const bool ignored : {false, true}) {
      Patterns patterns(ignored ? Patterns::Case::ignored : Patterns::Case::matters);
      const auto added = patterns.add(pattern, whole ? Syntax::regex : Syntax::prefix, 0);
      if (!added) {
        base::check(!added.error().text.empty(), "an error says what is wrong");
        return 0;
      }
      const auto translation = rules::translate_python(pattern, extent, ignored);
      if (!translation->counted) compare(*translation, text);
      static_cast<void>(static_cast<bool>(patterns.build()));
      static_cast<void>(patterns.find(text, rules::Live(one, 0)));
    }
  }
  return 0;
}
