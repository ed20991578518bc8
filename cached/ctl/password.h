// cachedctl password ...: app passwords from the command line, through the same store as cached.
// SPDX-License-Identifier: MIT

#pragma once

#include <span>
#include <string>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace ctl {

using Arguments = std::span<const std::string>;

// USER [--comment TEXT]: makes a random app password, prints it once, stores its Argon2id hash.
base::Status add_password(const config::Options& options, Arguments arguments);

// USER: a line for each row, deleted ones too.
base::Status list_passwords(const config::Options& options, Arguments arguments);

// ID: marks the row as deleted; from now on it is refused.
base::Status revoke_password(const config::Options& options, Arguments arguments);

}  // namespace ctl
