// Questions by WHOIS, to a server that answers well, badly, slowly and not at all.
// SPDX-License-Identifier: MIT

#include "cached/clients/whois.h"

#include "cached/base/text.h"
#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/clients/tls_server.h"
#include "tests/loop/test_loop.h"

namespace {

using base::cat;
using clients::Whois;
using std::chrono::milliseconds;
using Reply = tests::Server::Reply;
using Then = Reply::Then;
using clients::WhoisText;
using Clock = std::chrono::steady_clock;

struct Site : tests::TestLoop {
  tests::Server server;
  Whois whois{&loop};
  explicit Site(tests::Server::Answer answer) : server(std::move(answer), nullptr) {}

  // The answer, or the problem without the server in front.
  std::string ask(const std::string& question, milliseconds time = milliseconds(3000)) {
    const auto text = result_of(whois.ask(server.address(), question, time));
    if (text.problem.empty()) return text.text;
    CHECK(text.problem.starts_with(server.address() + ": "));
    return text.problem.substr(server.address().size() + 2);
  }
};

milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

loop::Task<void> keep(loop::Task<WhoisText> task, WhoisText& kept) { kept = co_await task; }

loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
  auto waiting = loop::sleep(loop, time);
  co_await waiting;
}

}  // namespace

TEST_CASE("a question is one line, and the answer all that comes until the end") {
  std::string received;
  Site site([&](const std::string& text) {
    received = text;
    return Reply{"% first\r\n\r\ninetnum: x\xff\n", {}, Then::close};
  });
  for (const char* question : {"192.0.2.1", "n + 2001:db8::1", "-r 2001:db8::", "a?b#c%20d/e"}) {
    CHECK(site.ask(question) == "% first\r\n\r\ninetnum: x\xff\n");
    CHECK(received == cat(question, "\r\n"));
  }
  CHECK(site.server.accepted() == 4);
}

TEST_CASE("an answer that is too long, empty or late is an error") {
  std::string bytes(Whois::most_bytes, 'x');
  Site site([&](const std::string&) { return Reply{bytes, {}, Then::close}; });
  CHECK(site.ask("x").size() == Whois::most_bytes);
  bytes += "x";
  CHECK(site.ask("x") == "the answer is too long");
  bytes.assign(10 << 20, 'x');
  CHECK(site.ask("x") == "the answer is too long");
  bytes.clear();
  CHECK(site.ask("x") == "the answer is empty");
  Site drips([](const std::string&) { return Reply{"drop by drop by drop", milliseconds(50)}; });
  Site silent([](const std::string&) { return Reply{"", {}, Then::wait}; });
  Site half([](const std::string&) { return Reply{"inetnum:", {}, Then::wait}; });
  for (Site* late : {&drips, &silent, &half}) {
    const auto start = Clock::now();
    CHECK(late->ask("x", milliseconds(200)) == "no whole answer in time");
    CHECK(since(start) >= milliseconds(190));
    CHECK(since(start) < milliseconds(2000));
  }
  site.server.stop();
  CHECK(site.ask("x") == "cannot be connected to: Connection refused");
}

TEST_CASE("a server is a host, with a port or without") {
  Site site([](const std::string&) { return Reply{"text", {}, Then::close}; });
  const auto error_of = [&](const std::string& server) {
    return site.result_of(site.whois.ask(server, "x", milliseconds(200))).problem;
  };
  for (const char* server : {"", "2001:db8::1", "host:x", "host:99999", "a/b", "user@host", "host?",
                             "host#", "[::1", "a b"}) {
    CAPTURE(server);
    CHECK(error_of(server) == cat(server, " is not HOST, HOST:PORT or [IPV6]:PORT"));
  }
  CHECK(error_of("127.0.0.1\n") == "127.0.0.1\\x0a is not HOST, HOST:PORT or [IPV6]:PORT");
  CHECK(error_of("[::1]:1").starts_with("[::1]:1: cannot be connected to"));
  CHECK(error_of("127.0.0.1").starts_with("127.0.0.1: cannot be connected to"));  // port 43
  CHECK(error_of("stuck.test") == "stuck.test: not connected in time");  // see http_test.cc
}

TEST_CASE("stop ends what is being asked, and what is still to come") {
  Site site([](const std::string&) { return Reply{"half", {}, Then::wait}; });
  std::vector<WhoisText> texts(Whois::most_questions + 1);
  for (auto& text : texts)
    loop::spawn(keep(site.whois.ask(site.server.address(), "x", milliseconds(5000)), text));
  CHECK(texts.back().problem == site.server.address() + ": too many requests at the same time");
  CHECK_FALSE(texts.back().was_asked);  // which says nothing of the server
  site.run(pause(&site.loop, milliseconds(100)));
  const auto start = Clock::now();
  site.whois.stop();
  CHECK(since(start) < milliseconds(500));
  CHECK(loop::roots() == 0);
  CHECK(texts.front().problem == site.server.address() + ": no more requests are made");
  CHECK_FALSE(texts.front().was_asked);
  CHECK(site.ask("x") == "no more requests are made");
}
