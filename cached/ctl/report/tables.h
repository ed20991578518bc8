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

// Adds the rows of a tally: `make` turns a key and its row into cells, none for one that is left
// out. `goes_before`: of which rows come first.
template <class Row, class Make, class GoesBefore>
void fill(Table& table, const Tally<Row>& tally, Make make, GoesBefore goes_before) {
  for (const auto& [key, row] : tally.sorted(goes_before)) {
    auto cells = make(key, *row);
    if (cells.empty()) continue;
    if (table.rows.size() < most_table_rows)
      table.rows.push_back(std::move(cells));
    else
      table.left_out++;
  }
  table.left_out += tally.forgotten();
}

template <class Row, class Make>
void fill(Table& table, const Tally<Row>& tally, Make make) {
  fill(table, tally, make, [](const Row&) { return false; });
}

}  // namespace ctl::report
