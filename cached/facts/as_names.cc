// See as_names.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/as_names.h"

#include <algorithm>

#include "cached/base/text.h"

namespace facts {
namespace {

constexpr std::size_t most_bytes = 256 << 20;  // there are 130,000 names, of 40 bytes

}  // namespace

base::Result<AsNames> AsNames::read(SeedText& text) {
  AsNames all;
  std::string_view line;
  while (text.next(line)) {
    if (line.empty() || line.front() == '#') continue;
    const auto blank = std::min(line.find_first_of(" \t"), line.size());
    const auto word = line.substr(0, blank);
    const bool marked = base::equals_ignoring_case(word.substr(0, 2), "AS");
    const auto number = base::parse_number<std::uint32_t>(word.substr(marked ? 2 : 0));
    const auto name = base::trim(line.substr(blank));
    if (!number) {
      text.complain(base::cat(base::printable(word.substr(0, 40)), " is no number of an AS"));
      continue;
    }
    if (name.empty()) continue;
    if (all.names_.size() > most_bytes) {
      text.complain(base::cat("more than ", most_bytes, " bytes of names"));
      break;
    }
    all.rows_.push_back({*number, static_cast<std::uint32_t>(all.names_.size()),
                         static_cast<std::uint32_t>(name.size())});
    all.names_ += name;
  }
  if (all.rows_.empty() && text.errors().empty()) text.complain_of_file("has no names");
  if (!text.errors().empty()) return base::Error{text.errors()};
  std::stable_sort(all.rows_.begin(), all.rows_.end(),
                   [](const Row& a, const Row& b) { return a.number < b.number; });
  // shrink_to_fit() does nothing in libstdc++ without exceptions.
  std::vector<Row>(all.rows_.begin(), all.rows_.end()).swap(all.rows_);
  std::string(all.names_).swap(all.names_);
  return all;
}

std::string_view AsNames::name_of(std::uint32_t number) const {
  const auto row = std::lower_bound(rows_.begin(), rows_.end(), number,
                                    [](const Row& r, std::uint32_t n) { return r.number < n; });
  if (row == rows_.end() || row->number != number) return {};
  return std::string_view(names_).substr(row->place, row->length);
}

}  // namespace facts
