// The daily report: from what was counted to the sheet that is written.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/ctl/report/sheet.h"
#include "cached/ctl/report/summary.h"

namespace ctl::report {

Sheet sheet_of(const Summary& summary, const Known& known);

// All bars from the first to the last of a span, also those where nothing was.
std::vector<Bar> bars_of(const std::map<Seconds, Counts>& counts, const Span& span);
// The most frequent first, 5,000 at most.
std::vector<MapPoint> points_of(const Tally<Point>& points);

inline constexpr std::size_t most_table_rows = 1000;

}  // namespace ctl::report
