// cachedctl report and backtest: what the logins of a day were, and whom a list would have refused,
// from the history.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/ctl/password.h"

namespace ctl {

// Both block, and write to standard output. 2 for wrong usage, and for lists with mistakes.
base::Result<int> print_report(const config::Options& options, Arguments arguments);

base::Result<int> backtest(const config::Options& options, Arguments arguments);

}  // namespace ctl
