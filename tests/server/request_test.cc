// Request lines in, reply lines out.
// SPDX-License-Identifier: MIT

#include "cached/server/request.h"

#include <doctest/doctest.h>

namespace {

std::string error_of(std::string line) {
  const auto login = server::parse_request(line.data(), line.size());
  return login ? "" : login.error().text;
}

}  // namespace

TEST_CASE("a request becomes a login") {
  std::string line =
      "checkpass/1\trequest=auth\tuser=alice\tpassword=a\001tb\tservice=imap\trip=::1\tnew=x";
  const auto login = server::parse_request(line.data(), line.size());
  REQUIRE(login);
  CHECK((*login)->request == base::Request::auth);
  CHECK((*login)->user == "alice");
  CHECK((*login)->password.reveal() == "a\tb");
  CHECK((*login)->service == "imap");
  CHECK((*login)->remote_ip == "::1");
}

TEST_CASE("A09: a request that lacks a field or has one twice is told so") {
  CHECK(error_of("") == "the line does not begin with checkpass/1");
  CHECK(error_of("GET / HTTP/1.1\r") == "the line does not begin with checkpass/1");
  CHECK(error_of("checkpass/1\trequest=auth\tuser=a") == "the field password must be there");
  CHECK(error_of("checkpass/1\tuser=a\tpassword=b") == "the fields request and user must be there");
  CHECK(error_of("checkpass/1\trequest=auth\tuser=a\tuser=b\tpassword=c") ==
        "the field user comes twice");
  CHECK(error_of("checkpass/1\trequest=guess\tuser=a") == "no such request");
  CHECK(error_of("checkpass/1\trequest=auth\tuser") == "the line is malformed");
  CHECK(error_of("checkpass/1\trequest=audit\tuser=a") == "");
  CHECK(error_of("checkpass/1\trequest=lookup\tuser=a") == "");
}

TEST_CASE("a verdict becomes a reply line") {
  CHECK(server::reply_line({base::Answer::permit, {}, {}, {{"userdb_home", "/h\t"}}}) ==
        "checkpass/1\tanswer=permit\tuserdb_home=/h\001t\n");
  CHECK(server::reply_line({base::Answer::deny, "wrong password", {}, {}}) ==
        "checkpass/1\tanswer=deny\ttext=wrong password\n");
}

TEST_CASE("a message for the user goes with a deny and with nothing else") {
  base::Verdict verdict{base::Answer::deny, "as_numbers", {}};
  verdict.message = "Not from\nthere.";
  CHECK(server::reply_line(verdict) ==
        "checkpass/1\tanswer=deny\ttext=as_numbers\tmessage=Not from\001nthere.\n");
  verdict.answer = base::Answer::later;
  CHECK(server::reply_line(verdict) == "checkpass/1\tanswer=later\ttext=as_numbers\n");
}

TEST_CASE("a verdict that does not fit into a line is try later and not a permit") {
  const std::string long_home(9000, 'h');
  CHECK(server::reply_line({base::Answer::permit, {}, {}, {{"userdb_home", long_home}}}) ==
        "checkpass/1\tanswer=later\ttext=the answer does not fit into a line\n");
}
