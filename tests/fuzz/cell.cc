// Fuzz target: what stands on the Shelf. First byte: which cell; then lines, a field and its value
// by turns. Whatever is taken lies in the cell, was not told in the future, and is written and read
// again as it is.
// SPDX-License-Identifier: MIT

#include "cached/facts/cell_codec.h"

#include <cstdint>
#include <string_view>

#include "cached/base/check.h"
#include "cached/base/text.h"

using namespace facts;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  const CellId cell(*base::parse_address(input[0] & 1 ? "2a00:2380:1:2::3" : "62.239.237.1"));
  const WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
  Shelf::Kept kept;
  for (int i = 1; const auto value = base::part(input, '\n', i + 1); i += 2)
    kept.fields.emplace_back(*base::part(input, '\n', i), *value);
  const ShelvedCell read = parse_cell(cell, kept, now);
  if (read.origin)
    for (const auto& address : {cell.range.first, cell.range.last}) {
      const auto bytes = pack(read.origin->value, address);
      base::check(unpack_origin(bytes, address) == read.origin->value, "unpacked");
    }
  Shelf::Kept again;
  for (const auto& [word, told] : read.networks) {
    base::check(told <= now + clocks_differ, "not in the future");
    base::check(cell.range.touches(word.range()), "lies in the cell");
    again.fields.assign(1, {network_field(cell, word.range()), value_of(word, told)});
    const auto same = parse_cell(cell, again, now);
    base::check(same.networks.size() == 1 && same.networks[0].value == word, "read again");
    base::check(unpack<NetworkWord>(pack(word)) == word, "unpacked");
  }
  if (read.trouble) base::check(read.trouble->tries > 0, "tries");
  for (auto& [name, value] : kept.fields) name = as_name_field;
  if (const auto name = parse_as_name(kept, now))
    base::check(!name->value.find() || name->value.find()->size() <= longest_word, "bounded");

  Cells cells(4);
  for (const auto& word : read.networks) cells.keep(cell, word, now);
  if (const Cell* found = cells.find(cell))
    if (const auto* network = found->network_of(cell, cell.range.first))
      base::check(network->get().range().contains(cell.range.first), "the address is in it");
  return 0;
}
