// The journal's entries of mail-audit, read by libsystemd. By way of journalctl, which prints what
// we then parse, it takes ten times as long.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>

#include "cached/base/result.h"
#include "cached/ctl/report/reader.h"

namespace ctl::report {

// Blocks until all of the time is read: of this host's journal, or of the journal files in a
// directory. `take` is given each audit entry. How many entries there were.
base::Result<std::uint64_t> read_journal(const std::string& directory, Seconds since, Seconds until,
                                         const std::function<void(Event&)>& take);

}  // namespace ctl::report
