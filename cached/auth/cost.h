// What a stored hash would cost, read out of its text before anything is run, and [hash] max_*.
// Pure.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string_view>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace auth::hash {

using HashOptions = decltype(config::Options::hash);

// What it asks for; 0 is nothing that could be set higher.
struct Cost {
  std::int64_t memory_kib = 0;
  std::int64_t argon2_passes = 0;
  std::int64_t argon2_lanes = 0;
  std::int64_t sha_rounds = 0;
  std::int64_t bcrypt_cost = 0;
  std::int64_t pbkdf2_rounds = 0;
};

// An error says what it asks for and what is allowed.
base::Status allowed(const Cost& cost, const HashOptions& options);

// Each reads a hash without its {SCHEME}; an error when its parameters cannot be read.
base::Result<Cost> argon2_cost(std::string_view stored);  // $argon2id$v=19$m=KIB,t=PASSES,p=LANES$
base::Result<Cost> sha_cost(std::string_view stored);     // $6$rounds=N$, 5000 when not there
base::Result<Cost> bcrypt_cost(std::string_view stored);  // $2y$COST$
base::Result<Cost> yescrypt_cost(std::string_view stored);  // $y$PARAMETERS$, also $gy$
base::Result<Cost> scrypt_cost(std::string_view stored);    // $7$NrrrrrpppppSALT$
base::Result<Cost> pbkdf2_cost(std::string_view stored);    // $1$SALT$ROUNDS$
base::Result<Cost> scram_cost(std::string_view stored);     // ROUNDS,SALT,...
base::Result<Cost> otp_cost(std::string_view stored);       // KIND COUNT SEED ...
base::Result<Cost> no_cost(std::string_view stored);

}  // namespace auth::hash
