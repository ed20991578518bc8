// How checkpass understands a reply line.
// SPDX-License-Identifier: MIT

#include "checkpass/answer.h"

#include <doctest/doctest.h>
#include <string>

namespace {

struct Parsed {
  bool good;
  checkpass::Answer answer;
  std::string text;
  std::string record;
};

Parsed parse(std::string line) {
  static char buffer[wire::max_line];
  checkpass::Reply reply;
  const bool good = checkpass::parse_reply(line.data(), line.size(), buffer, reply);
  return {good, reply.answer, std::string(reply.text.data, reply.text.size),
          std::string(reply.record.data, reply.record.size)};
}

}  // namespace

TEST_CASE("a permit carries the fields for Dovecot as a record") {
  const Parsed parsed = parse("checkpass/1\tanswer=permit\tuserdb_home=/h/\001t\tuserdb_uid=8");
  CHECK(parsed.good);
  CHECK(parsed.answer == checkpass::Answer::permit);
  CHECK(parsed.record == "userdb_home=/h/\001t\tuserdb_uid=8\t");
}

TEST_CASE("a permit without fields is a lone TAB") {
  CHECK(parse("checkpass/1\tanswer=permit").record == "\t");
}

TEST_CASE("a text is for people and does not reach Dovecot") {
  const Parsed parsed = parse("checkpass/1\tanswer=later\ttext=busy");
  CHECK(parsed.good);
  CHECK(parsed.answer == checkpass::Answer::later);
  CHECK(parsed.text == "busy");
  CHECK(parsed.record == "\t");
}

TEST_CASE("a reply that is not a whole known answer is none") {
  CHECK(!parse("").good);
  CHECK(!parse("checkpass/1").good);
  CHECK(!parse("checkpass/1\tanswer=yes").good);
  CHECK(!parse("checkpass/1\tuserdb_home=/h").good);
  CHECK(!parse("checkpass/1\tanswer=permit\tanswer=permit").good);
  CHECK(!parse("checkpass/1\tanswer=permit\tbroken").good);
  CHECK(!parse("checkpass/2\tanswer=permit").good);
}

TEST_CASE("only Dovecot's own program is done without being run") {
  CHECK(checkpass::is_checkpassword_reply("/usr/lib/dovecot/checkpassword-reply"));
  CHECK(checkpass::is_checkpassword_reply("checkpassword-reply"));
  CHECK(!checkpass::is_checkpassword_reply("/usr/local/bin/my-checkpassword-reply"));
}
