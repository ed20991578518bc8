// cachedctl registry: checks the files of the registries, without the daemon.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/ctl/password.h"

namespace ctl {

// What is wrong with the files in a directory; without one, in [registry] seeds. 0 when there are
// some and nothing is wrong, 2 otherwise.
base::Result<int> check_registry(const config::Options& options, Arguments arguments);

}  // namespace ctl
