// The pictures of the HTML report, as SVG: the map of the world, and bars over time.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/ctl/report/sheet.h"

namespace ctl::report {

std::string draw_map(const Sheet& sheet);
std::string draw_bars(const Sheet& sheet);

// As it may stand in a text of HTML and in an attribute between double quotes. What is not UTF-8,
// and control bytes, become \xHH.
std::string html(std::string_view text);

// 12 let in, 3 refused; what is 0 is left out.
std::string counts_text(const Sheet& sheet, const std::uint64_t (&counts)[most_series]);

struct OnMap {
  double x, y;
};
// The Equal Earth projection (Savric, Patterson, Jenny 2018), scaled to a map 1000 wide. Degrees.
OnMap project(double latitude, double longitude);

}  // namespace ctl::report
