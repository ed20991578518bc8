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
  std::string message;
  std::string record;
  std::string gate;
};

std::string string(wire::Bytes bytes) { return {bytes.data, bytes.size}; }

Parsed parse(std::string line) {
  static char buffer[wire::max_line], gate_buffer[wire::max_line];
  checkpass::Reply reply;
  const bool good = checkpass::parse_reply(line.data(), line.size(), buffer, reply);
  const std::string message = string(reply.message);
  const wire::Bytes gate = checkpass::gate_record(reply, gate_buffer);
  return {good, reply.answer, string(reply.text), message, string(reply.record), string(gate)};
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

TEST_CASE("a message for the user does not reach Dovecot but by the gate") {
  const Parsed parsed = parse("checkpass/1\tanswer=deny\ttext=log\tmessage=Go.");
  CHECK(parsed.good);
  CHECK(parsed.message == "Go.");
  CHECK(parsed.record == "\t");
  CHECK(parsed.gate == "audit_nets=255.255.255.255/32\treason=Go.\t");
}

TEST_CASE("a gate opens for a permit only") {
  const std::string open = "audit_nets=0.0.0.0/0,::/0,local\t";
  const std::string shut = "audit_nets=255.255.255.255/32\t";
  CHECK(parse("checkpass/1\tanswer=permit\tmessage=x\taudit_nets=y").gate == open);
  CHECK(parse("checkpass/1\tanswer=deny\taudit_nets=0.0.0.0/0").gate == shut);
  CHECK(parse("checkpass/1\tanswer=later").gate == shut);
  CHECK(parse("checkpass/1").gate == shut);
}

TEST_CASE("a message is printable ASCII and of limited length") {
  const std::string shut = "audit_nets=255.255.255.255/32\t";
  CHECK(parse("checkpass/1\tanswer=deny\tmessage=a\001r\001nb\001tc\x1b\x7f\xc3\xbc").gate ==
        shut + "reason=a??b?c????\t");
  CHECK(parse("checkpass/1\tanswer=deny\tmessage=" + std::string(5000, 'x')).gate ==
        shut + "reason=" + std::string(200, 'x') + "\t");
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
