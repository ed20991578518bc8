// What is remembered of a cell, as `cachedctl cache show` prints it.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cached/facts/matters.h"

namespace facts {

// The numbers in its origin.
std::vector<std::uint32_t> systems_of(const CellId& id, const Cell& cell);

// A line for each thing, with `place` in front: the origin of the cell, the names of its systems,
// its networks, and that it was asked about in vain. `plan`: how long they are told; may be null.
// The line of one system; empty: nothing is remembered of it.
std::string describe_as_name(Knowledge& known, std::uint32_t number, std::string_view place,
                             const PlanPtr& plan);
std::string describe_cell(Knowledge& known, const CellId& cell, std::string_view place,
                          const PlanPtr& plan);

}  // namespace facts
