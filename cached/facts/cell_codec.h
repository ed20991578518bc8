// What is remembered as it stands on the Shelf: a field for the origin of a cell (asn), one for
// each network in it (n:3eefed00-3eefedff), one for its trouble (x); of an AS the field `name`.
// Values are JSON with the time when it was told in them. What is read may be anybody's: what is
// not as we write it is as if it were not there.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/facts/cells.h"
#include "cached/facts/shelf.h"

namespace facts {

inline constexpr std::string_view origin_field = "asn", trouble_field = "x", as_name_field = "name";

std::string as_key(std::uint32_t number);                         // as:3209
std::string network_field(const CellId& id, const Range& range);  // of the part in the cell

std::string value_of(const Fact<Origin>& origin, WallTime told);
std::string value_of(const NetworkWord& word, WallTime told);
std::string value_of(const Fact<std::string>& as_name, WallTime told);
std::string value_of(const Trouble& trouble);

struct ShelvedCell {
  std::optional<Dated<Fact<Origin>>> origin;
  std::vector<Dated<NetworkWord>> networks;
  std::optional<Trouble> trouble;
};

// Only what is about this cell, was told at `flushed` or later, and not later than `now` but for
// what clocks of hosts differ by. A flush later than that is none.
ShelvedCell parse_cell(const CellId& id, const Shelf::Kept& kept, WallTime now);
std::optional<Dated<Fact<std::string>>> parse_as_name(const Shelf::Kept& kept, WallTime now);

}  // namespace facts
