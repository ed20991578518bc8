// One question to cached over its UNIX socket, one answer, within a deadline.
// SPDX-License-Identifier: MIT

#pragma once

#include "common/wipe.h"
#include "common/wire.h"

namespace checkpass {

// Milliseconds of the monotonic clock; a deadline is a point on it.
long long now_ms();

// False when the deadline has passed first. A closed descriptor counts as readable.
bool wait_readable(int fd, long long deadline);

// Sends `request` (a whole line) and puts the whole reply line, without its LF, into `reply`.
// Returns its length, or 0 with `problem` set. While cached is not there, or goes away before it
// has replied (a restart), it is asked again, with growing pauses, for `patience_ms` from
// then on.
size_t ask(const char* socket_path, wire::Bytes request, char (&reply)[wire::max_line],
           long long patience_ms, long long deadline, const char*& problem);

}  // namespace checkpass
