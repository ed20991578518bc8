// Password schemes: a table of rows, each with its spellings, what a stored hash costs, and how to
// verify it. Pure and blocking: for a lane. Spellings are those of Dovecot ({SCHEME}hash or
// {SCHEME.hex}hash, any case) and of crypt(3) ($id$...).
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cached/auth/cost.h"
#include "cached/auth/verification.h"
#include "cached/base/result.h"
#include "cached/base/secret.h"

namespace auth::hash {

// `user` is the name that a scheme hashes with the password ({DIGEST-MD5}): as the client gave it,
// before Dovecot's auth_username_format. An error is a failure of ours (no memory, no thread): it
// says nothing of the password.
base::Result<Verification> verify(std::string_view stored, const base::Secret& password,
                                  const HashOptions& options, std::string_view user = {});

// False when two passwords may both be right because only a part of them is looked at, or not their
// case. Of a hash that cannot be verified it is true.
bool reads_whole_password(std::string_view stored);

// Whether it is the password itself, and so must not be kept.
bool is_in_clear(std::string_view stored);

// How much memory verifying it takes; 0 when that is not worth counting, or cannot be read.
std::int64_t memory_kib(std::string_view stored);

// An Argon2id hash (PHC string, RFC 9106) at the configured cost, with a random salt.
base::Result<std::string> make(const base::Secret& password, const HashOptions& options);

}  // namespace auth::hash
