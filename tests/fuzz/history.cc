// Any bytes as lines of a history: audit lines, JSON of the journal, Python's text in it; then the
// report of them in all its formats.
// SPDX-License-Identifier: MIT

#include <cstdint>
#include <string_view>

#include "cached/base/text.h"
#include "cached/ctl/report/reader.h"
#include "cached/ctl/report/tables.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctl::report;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr Seconds now = 1795305600;
  const Known known;
  Reader reader(now);
  Summary summary({0, now, Calendar::Unit::month}, known);
  for (int i = 0; const auto line = base::part(text, '\n', i); i++) {
    for (const auto& read :
         {reader.read(*line), reader.read(base::cat("mail-audit: user=", *line))})
      if (read) summary.add(*read);
  }
  const auto sheet = sheet_of(summary, known);
  return (write_text(sheet) + write_json(sheet) + write_html(sheet)).empty();
}
