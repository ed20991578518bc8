// What descriptor 3 may hold, through a real pipe.
// SPDX-License-Identifier: MIT

#include "checkpass/credentials.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <string>

#include "checkpass/ask.h"

namespace {

struct Outcome {
  bool good;
  std::string user;
  std::string password;
  std::string problem;
};

// Writes the bytes into a pipe; its other end stays open unless `end`.
Outcome read_from_pipe(const std::string& bytes, bool end = false) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  if (end) close(ends[1]);
  common::Wiped<checkpass::max_credentials> buffer;
  checkpass::Credentials credentials;
  const char* problem = "";
  const bool good =
      checkpass::read_credentials(ends[0], checkpass::now_ms() + 100, buffer, credentials, problem);
  Outcome outcome{good, {}, {}, problem};
  if (good) {
    outcome.user.assign(credentials.user.data, credentials.user.size);
    outcome.password.assign(credentials.password.data, credentials.password.size);
  }
  close(ends[0]);
  if (!end) close(ends[1]);
  return outcome;
}

std::string three(const std::string& user, const std::string& password) {
  return user + '\0' + password + '\0' + '\0';
}

}  // namespace

TEST_CASE("credentials are read without waiting for the end of the pipe") {
  const Outcome outcome = read_from_pipe(three("alice", "pass word"));
  CHECK(outcome.good);
  CHECK(outcome.user == "alice");
  CHECK(outcome.password == "pass word");
}

TEST_CASE("an empty password is a password") {
  const Outcome outcome = read_from_pipe(three("alice", ""));
  CHECK(outcome.good);
  CHECK(outcome.password.empty());
}

TEST_CASE("512 bytes are read and 513 are refused") {
  CHECK(read_from_pipe(three("u", std::string(508, 'x'))).good);
  const Outcome longer = read_from_pipe(three("u", std::string(509, 'x')));
  CHECK(!longer.good);
  CHECK(longer.problem == "more than 512 bytes on descriptor 3");
}

TEST_CASE("credentials that end before the third NUL are refused") {
  const Outcome outcome = read_from_pipe(std::string("alice\0pw\0", 9), true);
  CHECK(!outcome.good);
  CHECK(outcome.problem == "descriptor 3 ended before its third NUL");
  CHECK(!read_from_pipe("", true).good);
}

TEST_CASE("credentials that do not come are waited for with a limit") {
  const Outcome outcome = read_from_pipe(std::string("alice\0pw\0", 9));
  CHECK(!outcome.good);
  CHECK(outcome.problem == "nothing to read on descriptor 3 in time");
}

TEST_CASE("what follows the third NUL is left alone") {
  CHECK(read_from_pipe(three("alice", "pw") + "more").password == "pw");
}
