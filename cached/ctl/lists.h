// cachedctl lists: checks list files and tries subjects on them, without the daemon.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/ctl/password.h"

namespace ctl {

// What is wrong with the files; without FILE, with all lists of the configuration. 0 when nothing
// is, 2 otherwise.
base::Result<int> check_lists(const config::Options& options, Arguments arguments);

// For each subject the line of the list that it is matched by, or -. 0 when all are matched, 1 when
// one is not, 2 for a bad file or a subject that is none.
base::Result<int> match_list(const config::Options& options, Arguments arguments);

}  // namespace ctl
