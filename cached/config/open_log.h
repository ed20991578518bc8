// Where the log goes by the options, and where when that is not there.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/config/options.h"

namespace config {

// Also after a reload. What is wanted and is not there is a warning, and stderr takes its place.
void open_log(const Options& options);

}  // namespace config
