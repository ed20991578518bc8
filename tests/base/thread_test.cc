// A thread beside the loop.
// SPDX-License-Identifier: MIT

#include "cached/base/thread.h"

#include <doctest/doctest.h>

#include <pthread.h>
#include <csignal>
#include <future>

namespace {

bool is_blocked(int signal) {
  sigset_t now;
  pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

}  // namespace

TEST_CASE("no signal comes to a thread beside the loop, and its maker's come as before") {
  std::promise<bool> there;
  REQUIRE(
      base::start_thread([&there] { there.set_value(is_blocked(SIGTERM) && is_blocked(SIGHUP)); }));
  CHECK(there.get_future().get());
  CHECK(!is_blocked(SIGTERM));
  CHECK(!is_blocked(SIGHUP));
}
