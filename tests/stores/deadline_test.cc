// A deadline on a pair of sockets.
// SPDX-License-Identifier: MIT

#include "cached/stores/deadline.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~Pair() {
    close(ends[0]);
    close(ends[1]);
  }
  void say() { REQUIRE(write(ends[1], "x", 1) == 1); }
  int ends[2];
};

TEST_CASE("a byte that is there, or room for one, is not waited for") {
  Pair pair;
  stores::Deadline deadline;
  deadline.start(milliseconds(10000));
  CHECK(deadline.wait(pair.ends[0], POLLOUT));
  pair.say();
  CHECK(deadline.wait(pair.ends[0], POLLIN));
  CHECK_FALSE(deadline.has_passed());
}

TEST_CASE("nobody waits longer than until the deadline, whatever came before") {
  Pair pair;
  stores::Deadline deadline;
  const auto begin = Clock::now();
  deadline.start(milliseconds(100));
  char byte = 0;
  for (int i = 0; i < 3; i++) {
    pair.say();
    CHECK(deadline.wait(pair.ends[0], POLLIN));
    CHECK(read(pair.ends[0], &byte, 1) == 1);
    usleep(20000);
  }
  CHECK_FALSE(deadline.wait(pair.ends[0], POLLIN));
  CHECK(errno == ETIMEDOUT);
  CHECK(deadline.has_passed());
  CHECK(Clock::now() - begin >= milliseconds(100));
  CHECK(Clock::now() - begin < milliseconds(5000));
}

TEST_CASE("behind the deadline nothing more is read, and what there is room for is written") {
  Pair pair;
  pair.say();
  stores::Deadline deadline;
  deadline.start(milliseconds(0));
  CHECK_FALSE(deadline.wait(pair.ends[0], POLLIN));
  CHECK(errno == ETIMEDOUT);
  CHECK(deadline.wait(pair.ends[0], POLLOUT));
  deadline.start(milliseconds(10000));
  CHECK(deadline.wait(pair.ends[0], POLLIN));
}

}  // namespace
