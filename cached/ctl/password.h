// cachedctl password ...: app passwords from the command line, through the same store as cached.
// SPDX-License-Identifier: MIT

#pragma once

#include <span>
#include <string>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace ctl {

using Arguments = std::span<const std::string>;

// Commands return their exit status, or an error for standard error, with which it is 1.

// USER [--comment TEXT]: makes a random app password, prints it once, stores its Argon2id hash.
base::Result<int> add_password(const config::Options& options, Arguments arguments);

// USER: a line for each row, deleted ones too.
base::Result<int> list_passwords(const config::Options& options, Arguments arguments);

// ID: marks the row as deleted; from now on it is refused.
base::Result<int> revoke_password(const config::Options& options, Arguments arguments);

}  // namespace ctl
