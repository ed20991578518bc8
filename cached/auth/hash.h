// Password schemes: a table of rows, each with its spellings, what a stored hash costs, and how to
// verify it. Pure and blocking: for a pool thread. Spellings are those of Dovecot ({SCHEME}hash,
// any case) and of crypt(3) ($id$...).
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cached/auth/verification.h"
#include "cached/base/result.h"
#include "cached/base/secret.h"
#include "cached/config/options.h"

namespace auth::hash {

using HashOptions = decltype(config::Options::hash);

// An error is a failure of ours (no memory, no thread): it says nothing of the password.
base::Result<Verification> verify(std::string_view stored, const base::Secret& password,
                                  const HashOptions& options);

// An Argon2id hash (PHC string, RFC 9106) at the configured cost, with a random salt.
base::Result<std::string> make(const base::Secret& password, const HashOptions& options);

}  // namespace auth::hash
