// Reads and splits descriptor 3.
// SPDX-License-Identifier: MIT

#include "checkpass/credentials.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "checkpass/ask.h"

namespace checkpass {

bool split(const char* bytes, size_t size, Credentials& out) {
  wire::Bytes parts[3];
  for (wire::Bytes& part : parts) {
    const void* nul = size ? memchr(bytes, '\0', size) : nullptr;
    if (!nul) return false;
    part = wire::Bytes(bytes, size_t(static_cast<const char*>(nul) - bytes));
    bytes += part.size + 1;
    size -= part.size + 1;
  }
  out.user = parts[0];
  out.password = parts[1];
  return true;
}

bool read_credentials(int fd, long long deadline, common::Wiped<max_credentials>& buffer,
                      Credentials& out, const char*& problem) {
  size_t size = 0;
  while (!split(buffer.data, size, out)) {
    if (size == max_credentials) {
      problem = "more than 512 bytes on descriptor 3";
      return false;
    }
    if (!wait_readable(fd, deadline)) {
      problem = "nothing to read on descriptor 3 in time";
      return false;
    }
    const ssize_t got = read(fd, buffer.data + size, max_credentials - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      problem = got < 0 ? "cannot read descriptor 3" : "descriptor 3 ended before its third NUL";
      return false;
    }
    size += size_t(got);
  }
  return true;
}

}  // namespace checkpass
