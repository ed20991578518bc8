// cachedctl's commands that the running cached carries out: the client of server/control.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/ctl/password.h"

namespace ctl {

// Hands the words to the cached at [server] control, and prints what it answers: on standard output
// with the exit status 0, else on standard error. The exit status, 3 when there is no cached to be
// asked, or an error when it gave no answer within 5 minutes. Blocks.
base::Result<int> ask_cached(const config::Options& options, Arguments words);

// No arguments: cached reads its files again. 1: they have errors, and what was in force stays.
base::Result<int> reload(const config::Options& options, Arguments arguments);

// No arguments: figures of cached, `name value` lines.
base::Result<int> status(const config::Options& options, Arguments arguments);

// [--user USER] [--service SERVICE] ADDRESS: what would become of a login from there, and why.
base::Result<int> explain(const config::Options& options, Arguments arguments);

// ADDRESS, or AS123; also `all` to flush: what cached has been told about it, and its end.
base::Result<int> show_cache(const config::Options& options, Arguments arguments);
base::Result<int> flush_cache(const config::Options& options, Arguments arguments);

}  // namespace ctl
