// Fuzz target: Team Cymru's records, one a line.
// SPDX-License-Identifier: MIT

#include "cached/facts/cymru.h"

#include <cstdint>
#include <string_view>

#include "cached/base/check.h"
#include "cached/base/text.h"
#include "cached/facts/registries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> records;
  for (int i = 0; const auto line = base::part(input, '\n', i); i++) records.emplace_back(*line);
  if (const auto origin = facts::parse_origin(records)) {
    base::check(!origin->as_numbers.empty(), "a number");
    base::check(origin->as_numbers.size() <= facts::most_as_numbers, "not too many");
    base::check(facts::rir_named(origin->registry) != facts::Rir::none, "a registry");
    base::check(origin->prefix.contains(origin->prefix.address), "a prefix");
  }
  if (const auto name = facts::parse_as_name(records)) {
    base::check(!name->empty() && name->size() <= facts::longest_as_name, "a name");
    for (const char c : facts::escaped_as_name(*name)) base::check(c >= ' ' && c < 0x7f, "escaped");
  }
  return 0;
}
