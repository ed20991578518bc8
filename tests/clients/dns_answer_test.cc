// What answers say, without a server.
// SPDX-License-Identifier: MIT

#include "cached/clients/dns_answer.h"

#include <doctest/doctest.h>

#include "tests/clients/name_server.h"

namespace {

using clients::DnsAnswer;
using Outcome = DnsAnswer::Outcome;
using tests::Reply;

DnsAnswer parse(std::string_view message, tests::Type type) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  return clients::parse_dns_answer({bytes, message.size()}, type);
}

DnsAnswer parse(const Reply& reply, tests::Type type, std::string_view name = "x.example") {
  return parse(tests::message_of(1, name, type, reply), type);
}

}  // namespace

TEST_CASE("only records of the name, the type and its CNAMEs count") {
  const Reply reply{{{"x.example", tests::a, "192.0.2.1"},
                     {"y.example", tests::a, "192.0.2.2"},
                     {"x.example", tests::aaaa, "2001:db8::1"},
                     {"x.example", tests::txt, "text"}}};
  CHECK(parse(reply, tests::a).values == std::vector<std::string>{"192.0.2.1"});
  CHECK(parse(reply, tests::aaaa).values == std::vector<std::string>{"2001:db8::1"});
  CHECK(parse(reply, tests::txt).values == std::vector<std::string>{"text"});
  CHECK(parse(reply, tests::ptr).outcome == Outcome::nothing);
  CHECK(parse(reply, tests::a, "X.Example").outcome == Outcome::found);
}

TEST_CASE("a TTL with its topmost bit set is 0 (RFC 2181, 8)") {
  const Reply reply{{{"x.example", tests::a, "192.0.2.1", 0x80000000U}}};
  CHECK(parse(reply, tests::a).ttl == std::chrono::seconds(0));
}

TEST_CASE("bytes of a name that are not plain arrive escaped") {
  const Reply reply{{{"x.example", tests::ptr, "a b\n\\..example"}}};
  CHECK(parse(reply, tests::ptr).values.at(0) == "a\\032b\\010\\..example");
}

TEST_CASE("CNAMEs in a circle, or without end, lead to nothing") {
  Reply reply{{{"x.example", tests::cname, "y.example"}, {"y.example", tests::cname, "x.example"}}};
  CHECK(parse(reply, tests::a).outcome == Outcome::nothing);
  reply.answers.clear();
  for (int i = 0; i < 200; i++)
    reply.answers.push_back({i ? std::to_string(i) + ".example" : "x.example", tests::cname,
                             std::to_string(i + 1) + ".example"});
  reply.answers.push_back({"200.example", tests::a, "192.0.2.1"});
  CHECK(parse(reply, tests::a).outcome == Outcome::nothing);
}

TEST_CASE("a message that ends too early is a failure, wherever it does") {
  const Reply reply{
      {{"x.example", tests::cname, "y.example"}, {"y.example", tests::ptr, "host.example"}}};
  const std::string whole = tests::message_of(1, "x.example", tests::ptr, reply);
  CHECK(parse(whole, tests::ptr).outcome == Outcome::found);
  for (std::size_t size = 0; size < whole.size(); size++) {
    const auto answer = parse(std::string_view(whole).substr(0, size), tests::ptr);
    CHECK(answer.outcome == Outcome::failed);
    CHECK(answer.problem == "the answer is malformed");
  }
}

TEST_CASE("an address of another length than its type has is a failure") {
  std::string message =
      tests::message_of(1, "x.example", tests::aaaa, {{{"x.example", tests::a, "192.0.2.1"}}});
  message[message.size() - 13] = tests::aaaa;  // the low byte of the record's type
  CHECK(parse(message, tests::aaaa).outcome == Outcome::failed);
}
