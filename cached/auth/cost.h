// What a stored hash would cost, read out of its text before anything is run, against [hash] max_*.
// Each refuses a hash whose parameters it cannot read.
// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace auth::hash {

using HashOptions = decltype(config::Options::hash);

// $argon2id$v=19$m=KIB,t=PASSES,p=LANES$salt$hash
base::Status check_argon2_cost(std::string_view stored, const HashOptions& options);

// $6$rounds=N$salt$hash, N is 5000 when it is not there
base::Status check_sha_cost(std::string_view stored, const HashOptions& options);

// $2y$COST$...
base::Status check_bcrypt_cost(std::string_view stored, const HashOptions& options);

// $1$SALT$ROUNDS$hash
base::Status check_pbkdf2_cost(std::string_view stored, const HashOptions& options);

// A password in the clear costs nothing, and must be allowed.
base::Status check_plain(std::string_view stored, const HashOptions& options);

// A scheme with nothing in it that could be set higher.
base::Status no_cost(std::string_view stored, const HashOptions& options);

// $y$PARAMETERS$salt$hash: yescrypt's own variable-length numbers
base::Status check_yescrypt_cost(std::string_view stored, const HashOptions& options);

}  // namespace auth::hash
