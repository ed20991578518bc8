// See write_now.h. The descriptor is shared with other programs, so that O_NONBLOCK is not for us
// to set: what does not wait is the single call.
// SPDX-License-Identifier: MIT

#include "cached/base/write_now.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <climits>

namespace base {
namespace {

// So much goes into a pipe that poll(2) calls writable.
ssize_t write_to_pipe(int fd, std::string_view text) {
  pollfd writable{.fd = fd, .events = POLLOUT, .revents = 0};
  if (poll(&writable, 1, 0) != 1 || !(writable.revents & POLLOUT)) return -1;
  return ::write(fd, text.data(), text.substr(0, PIPE_BUF).size());
}

}  // namespace

bool write_now(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written < 0 && errno == ENOTSOCK) written = write_to_pipe(fd, text);
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace base
