// What a checkpassword program is told on descriptor 3: `user NUL password NUL timestamp NUL`, at
// most 512 bytes (https://cr.yp.to/checkpwd/interface.html).
// SPDX-License-Identifier: MIT

#pragma once

#include "common/wipe.h"
#include "common/wire.h"

namespace checkpass {

inline constexpr size_t max_credentials = 512;

struct Credentials {
  wire::Bytes user;
  wire::Bytes password;
};

// Splits what was read. False until there are three NULs; what follows the third is ignored.
bool split(const char* bytes, size_t size, Credentials& out);

// Reads descriptor `fd` until the third NUL, never until EOF: Dovecot's other children hold the
// pipe open too. False, with `problem` set, when the bytes are too many, end early, or do not come
// before `deadline` (see ask.h).
bool read_credentials(int fd, long long deadline, common::Wiped<max_credentials>& buffer,
                      Credentials& out, const char*& problem);

}  // namespace checkpass
