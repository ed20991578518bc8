// The history in the database: rows of log and connection_log as events. What a row does not tell
// of an address is looked up again, and nobody in the network is asked.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>

#include "cached/base/result.h"
#include "cached/ctl/report/event.h"
#include "cached/facts/sources.h"
#include "cached/stores/history.h"

namespace ctl::report {

// What a row says, with today's facts for the rest.
Event event_of(const stores::PastRow& row, const facts::Sources& sources);

struct RowsRead {
  std::uint64_t rows = 0;
  std::uint64_t undated = 0;  // rows that have no time, and were left out
};

// Blocks. Of a time that connection_log covers, its rows, which are all attempts; before and after,
// those of log, which are the uses of app passwords.
base::Result<RowsRead> read_database(stores::History& history, const facts::Sources& sources,
                                     Seconds since, Seconds until,
                                     const std::function<void(Event&)>& take);

}  // namespace ctl::report
