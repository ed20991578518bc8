// See deadline.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/deadline.h"

#include <poll.h>
#include <algorithm>
#include <cerrno>

namespace stores {

void Deadline::start(std::chrono::milliseconds time) {
  time_ = time;
  end_ = Clock::now() + time;
}

bool Deadline::wait(int socket, short events) const {
  pollfd descriptor{socket, events, 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
    const bool may_wait = left > 0 || (events & POLLOUT);
    const int ready = may_wait ? poll(&descriptor, 1, static_cast<int>(std::max(left, 0L))) : 0;
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) errno = ETIMEDOUT;
    return false;
  }
}

}  // namespace stores
