// Password schemes: a table of rows, each with its spellings, what a stored hash costs, and how to
// verify it. Pure and blocking: for a pool thread. Spellings are those of Dovecot ({SCHEME}hash,
// any case) and of crypt(3) ($id$...).
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cached/base/result.h"
#include "cached/base/secret.h"
#include "cached/config/options.h"

namespace auth::hash {

using HashOptions = decltype(config::Options::hash);

// What verifying one stored hash showed. Unusable: an unknown scheme, a damaged hash, or one that
// asks for more memory or time than [hash] max_* allow (found out before it is run); `problem`
// says.
struct Verification {
  enum class Outcome { same, different, unusable } outcome;
  std::string problem;
};

// An error is a failure of ours (no memory, no thread): it says nothing of the password.
base::Result<Verification> verify(std::string_view stored, const base::Secret& password,
                                  const HashOptions& options);

// An Argon2id hash (PHC string, RFC 9106) at the configured cost, with a random salt.
base::Result<std::string> make(const base::Secret& password, const HashOptions& options);

}  // namespace auth::hash
