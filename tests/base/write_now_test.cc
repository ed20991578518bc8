// Writing to who does not read.
// SPDX-License-Identifier: MIT

#include "cached/base/write_now.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>
#include <string>

#include "cached/base/descriptor.h"

namespace {

// Both ends are blocking, as the standard error that systemd gives.
void check_that_it_fills_and_goes_on(int reader, int writer, const std::string& line) {
  std::size_t written = 0;
  while (base::write_now(writer, line)) written++;
  CHECK(written > 0);
  CHECK(!base::write_now(writer, line));
  std::string taken(written * line.size(), '\0');
  for (std::size_t at = 0; at < taken.size();) {
    const auto got = read(reader, taken.data() + at, taken.size() - at);
    REQUIRE(got > 0);
    at += static_cast<std::size_t>(got);
  }
  CHECK(taken.starts_with(line));
  CHECK(base::write_now(writer, line));
}

}  // namespace

TEST_CASE("a socket that nobody reads holds nobody up") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const base::Descriptor reader(ends[0]);
  const base::Descriptor writer(ends[1]);
  check_that_it_fills_and_goes_on(reader.get(), writer.get(), std::string(1000, 'x'));
}

TEST_CASE("a pipe that nobody reads holds nobody up, whatever the length of a line") {
  for (const std::size_t length : {1, 1000, 10'000}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const base::Descriptor reader(ends[0]);
    const base::Descriptor writer(ends[1]);
    check_that_it_fills_and_goes_on(reader.get(), writer.get(), std::string(length, 'x'));
  }
}

TEST_CASE("what cannot be written to is told") { CHECK(!base::write_now(-1, "x")); }
