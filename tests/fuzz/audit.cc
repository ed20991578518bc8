// Fuzz target: the audit line in all its forms. The input is the texts, with a line feed that has a
// NUL before it between them; what is written is read back as just these.
// SPDX-License-Identifier: MIT

#include <cstdint>
#include <string>
#include <string_view>

#include "cached/base/check.h"
#include "cached/base/text.h"
#include "tests/trail/forged.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> texts(forged::texts);
  constexpr std::string_view gap("\0\n", 2);
  for (std::string& text : texts) {
    const auto end = std::min(rest.find(gap), rest.size());
    text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + gap.size(), rest.size()));
  }
  const auto all = forged::made_of(texts);
  base::check(forged::wrong_in_line(all, texts).empty(), "the line");
  base::check(forged::wrong_in_json(all, texts).empty(), "JSON");
  base::check(forged::wrong_in_journal(all, texts).empty(), "the journal");
  return 0;
}
