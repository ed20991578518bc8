// cachedctl report: what the logins of a day were, from the history.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/ctl/password.h"

namespace ctl {

// Blocks. On standard output. 2 for wrong usage.
base::Result<int> print_report(const config::Options& options, Arguments arguments);

}  // namespace ctl
