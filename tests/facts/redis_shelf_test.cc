// What the registries said, shared by hosts in a Redis: one that is real, and one that is not.
// SPDX-License-Identifier: MIT

#include "cached/facts/redis_shelf.h"

#include <csignal>
#include <optional>

#include "cached/facts/sqlite_shelf.h"
#include "cached/loop/sleep.h"
#include "tests/clients/real_redis.h"
#include "tests/clients/redis_server.h"
#include "tests/loop/test_loop.h"

namespace {

using facts::RedisShelf;
using facts::Shelf;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::RedisServer;
using tests::Words;
using namespace std::string_literals;
using Clock = std::chrono::steady_clock;
using RedisOptions = decltype(config::Options::redis);

const Shelf::Fields fields = {{"asn", "AS3209"}, {"n:00-ff", "a\0b\xff '\"\r\n"s}};

struct Site : tests::TestLoop {
  Site() { std::signal(SIGPIPE, SIG_IGN); }  // as main() does

  static loop::Task<void> until_there(uv_loop_t* loop, const clients::Redis& redis) {
    const auto end = Clock::now() + seconds(10);
    while (redis.is_away() && Clock::now() < end) {
      auto waiting = loop::sleep(loop, milliseconds(1));
      co_await waiting;
    }
  }
  static loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
    auto waiting = loop::sleep(loop, time);
    co_await waiting;
  }
  void wait_for(const clients::Redis& redis) {
    run(until_there(&loop, redis));
    REQUIRE(!redis.is_away());
  }
  void rest(int time) { run(pause(&loop, milliseconds(time))); }

  std::unique_ptr<RedisShelf> open(const RedisOptions& options) {
    auto shelf = std::make_unique<RedisShelf>(std::make_shared<clients::Redis>(&loop, options));
    const bool is_there = !options.server.starts_with("/nonexistent");
    for (int i = 0; is_there && shelf->is_away() && i < 1000; i++) rest(10);
    return shelf;
  }
  Shelf::Kept read(Shelf& shelf, const std::string& key) { return result_of(shelf.read(key)); }

  // Of one who waits for nothing.
  template <class T>
  T at_once(loop::Task<T> task) {
    std::optional<T> result;
    loop::spawn(keep(std::move(task), result));
    REQUIRE(result);
    return std::move(*result);
  }
};

// A real server, two shelves on it, as two hosts have them, and somebody else's connection.
struct Shared : Site {
  tests::RealRedis server;
  clients::Redis other{&loop, server.options()};
  std::unique_ptr<RedisShelf> here, there;
  Shared() {
    wait_for(other);
    here = open(server.options());
    there = open(server.options());
  }
  clients::RedisValue ask(Words words) {
    const auto answer = result_of(other.command(words));
    REQUIRE_MESSAGE(answer, words[0]);
    return *answer;
  }
};

// What a real server does needs one.
bool has_server() {
  WARN_MESSAGE(tests::RealRedis::is_there(), "scripts/install-packages check brings redis-server");
  return tests::RealRedis::is_there();
}

// A shelf on a server that answers HGETALL and GET so.
Shelf::Kept read_with(const std::string& all, const std::string& flushed) {
  Site site;
  RedisServer server(&site.loop);
  server.behaviour = [&](const Words& words) {
    return words[0] == "HGETALL" ? all : words[0] == "GET" ? flushed : RedisServer::obliging(words);
  };
  return site.read(*site.open(server.options()), "c4:3eefed");
}

}  // namespace

TEST_CASE("what one host writes into Redis the other reads") {
  if (!has_server()) return;
  Shared site;
  CHECK(site.read(*site.there, "c4:3eefed").fields.empty());
  site.here->write("c4:3eefed", fields, seconds(100));
  CHECK(site.read(*site.here, "c4:3eefed").fields == fields);
  CHECK(site.read(*site.there, "c4:3eefed").fields == fields);
  site.there->write("c4:3eefed", {{"asn", "AS2"}, {"x", "1"}}, seconds(100));
  site.read(*site.there, "c4:3eefed");
  auto both = site.read(*site.here, "c4:3eefed").fields;
  std::sort(both.begin(), both.end());
  CHECK(both == Shelf::Fields{{"asn", "AS2"}, fields[1], {"x", "1"}});
  site.there->write("c4:3eefed", {{"x", ""}, {fields[1].first, ""}}, seconds(100));
  site.read(*site.there, "c4:3eefed");
  CHECK(site.read(*site.here, "c4:3eefed").fields == Shelf::Fields{{"asn", "AS2"}});
  site.here->erase("c4:3eefed");
  CHECK(site.read(*site.here, "c4:3eefed").fields.empty());
  CHECK(site.read(*site.there, "c4:3eefed").fields.empty());
  CHECK(site.here->is_shared());
}

TEST_CASE("no key of ours is in Redis without an end, nor loses time it was given before") {
  if (!has_server()) return;
  Shared site;
  const auto left = [&] { return site.ask({"TTL", "checkpass:a"}).number; };
  site.here->write("a", fields, seconds(1000));
  site.read(*site.here, "a");
  CHECK(left() >= 999);
  site.here->write("a", fields, seconds(10));
  site.read(*site.here, "a");
  CHECK(left() >= 999);
  site.here->write("a", fields, seconds(5000));
  site.read(*site.here, "a");
  CHECK(left() >= 4999);
  site.here->write("none", fields, seconds(0));
  CHECK(site.read(*site.here, "none").fields.empty());
}

TEST_CASE("one host at a time asks the world about a key, for four seconds") {
  if (!has_server()) return;
  Shared site;
  CHECK(site.result_of(site.here->claim("a")));
  CHECK(!site.result_of(site.there->claim("a")));
  CHECK(!site.result_of(site.here->claim("a")));
  CHECK(site.result_of(site.there->claim("b")));
  const auto left = site.ask({"PTTL", "checkpass:claim:a"}).number;
  CHECK(left > 3000);
  CHECK(left <= 4000);
}

TEST_CASE("erase_all of one host is known to all, and every key stays where it is") {
  if (!has_server()) return;
  Shared site;
  site.here->write("a", fields, seconds(100));
  CHECK(site.read(*site.there, "a").flushed == Shelf::Time());
  const auto before = std::chrono::system_clock::now() - milliseconds(1);
  site.here->erase_all();
  site.read(*site.here, "a");
  const auto kept = site.read(*site.there, "a");
  CHECK(kept.flushed > before);
  CHECK(kept.flushed <= std::chrono::system_clock::now());
  CHECK(kept.fields == fields);
}

TEST_CASE("C09 C10 C11: what others have put into Redis is a miss for its key alone") {
  if (!has_server()) return;
  Shared site;
  site.ask({"SET", "session/abc", "x"});
  site.ask({"SET", "10.1.2.3/8", "{}"});
  site.ask({"SET", "checkpass:a", "not a hash"});
  site.ask({"RPUSH", "checkpass:b", "not", "a", "hash"});
  site.ask({"HSET", "checkpass:c", "asn", std::string(70'000, 'x')});
  site.ask({"RPUSH", "checkpass:flushed", "x"});
  CHECK(site.read(*site.here, "d").fields.empty());
  site.ask({"DEL", "checkpass:flushed"});
  for (const std::string key : {"a", "b", "c"}) {
    site.here->write(key, fields, seconds(100));
    if (key != "c") CHECK(site.read(*site.here, key).fields.empty());
  }
  site.here->write("d", fields, seconds(100));
  CHECK(site.read(*site.here, "d").fields == fields);
  CHECK(site.ask({"GET", "checkpass:a"}).text == "not a hash");
}

TEST_CASE("a full Redis is read, and written again when there is room") {
  if (!has_server()) return;
  Shared site;
  site.here->write("a", fields, seconds(100));
  CHECK(site.read(*site.here, "a").fields == fields);
  site.ask({"CONFIG", "SET", "maxmemory", "1"});
  site.here->write("b", fields, seconds(100));
  CHECK(site.read(*site.here, "a").fields == fields);
  CHECK(site.read(*site.here, "b").fields.empty());
  CHECK(site.result_of(site.here->claim("c")));
  site.ask({"CONFIG", "SET", "maxmemory", "0"});
  site.here->write("b", fields, seconds(100));
  CHECK(site.read(*site.here, "b").fields == fields);
}

TEST_CASE("a frozen Redis is a miss in time, and is used again when it thaws") {
  if (!has_server()) return;
  Shared site;
  site.here->write("a", fields, seconds(100));
  CHECK(site.read(*site.here, "a").fields == fields);
  site.server.freeze();
  auto start = Clock::now();
  CHECK(site.read(*site.here, "a").fields.empty());
  CHECK(Clock::now() - start < seconds(2));
  CHECK(site.at_once(site.here->read("a")).fields.empty());
  CHECK(site.at_once(site.here->claim("a")));
  site.rest(700);
  site.server.thaw();
  for (start = Clock::now(); Clock::now() - start < seconds(5);) {
    if (!site.read(*site.here, "a").fields.empty()) break;
    site.rest(10);
  }
  CHECK(site.read(*site.here, "a").fields == fields);
}

TEST_CASE("K05 D04: without Redis nothing is kept, and whoever asks may ask the world") {
  Site site;
  auto options = config::default_options().redis;
  options.server = "/nonexistent/redis.sock";
  const auto shelf = site.open(options);
  shelf->write("a", fields, seconds(100));
  shelf->erase("a");
  shelf->erase_all();
  CHECK(site.at_once(shelf->read("a")).fields.empty());
  CHECK(site.at_once(shelf->claim("a")));
  shelf->stop();
  CHECK(site.read(*shelf, "a").fields.empty());
}

TEST_CASE("what Redis says and we never wrote is nothing") {
  const std::string good = tests::list({"asn", "AS1"});
  CHECK(read_with(good, "$-1\r\n").fields.size() == 1);
  CHECK(read_with(good, tests::bulk("1000")).flushed == Shelf::Time(seconds(1)));
  for (const std::string flushed : {"", "x", "-1", "99999999999999", "9223372036854775807", "1e9"})
    CHECK(read_with(good, tests::bulk(flushed)).flushed == Shelf::Time());
  for (const auto& all :
       {tests::list({"asn"}), "$3\r\nasn\r\n"s, ":1\r\n"s, "$-1\r\n"s, "*0\r\n"s, "-ERR\r\n"s,
        "*2\r\n:1\r\n:2\r\n"s, tests::list({"asn", std::string(66'000, 'x')})})
    CHECK(read_with(all, "$-1\r\n").fields.empty());
  CHECK(read_with(good, "-ERR\r\n").fields.empty());  // it may have been flushed
  CHECK(read_with("", "$-1\r\n").fields.empty());
}

TEST_CASE("a login costs Redis two commands in one message, and none that looks through keys") {
  Site site;
  RedisServer server(&site.loop);
  const auto shelf = site.open(server.options());
  shelf->write("a", fields, seconds(100));
  site.read(*shelf, "a");
  site.result_of(shelf->claim("a"));
  shelf->erase("a");
  shelf->erase_all();
  site.rest(20);
  Words verbs;
  for (const auto& words : server.heard) verbs.push_back(words[0]);
  CHECK(verbs == Words{"PING", "EVAL", "HGETALL", "GET", "SET", "DEL", "SET"});
  CHECK(server.heard[2][1] == "checkpass:a");
  CHECK(server.heard[3][1] == "checkpass:flushed");
}

TEST_CASE("the shelf is Redis when there is one, or else a file, or else none") {
  Site site;
  tests::Scratch scratch;
  config::Options options = config::default_options();
  options.registry.cache = scratch.directory + "/registry.db";
  const auto shelf = [&] {
    return facts::make_shelf(&site.loop, options, clients::make_redis(&site.loop, options.redis));
  };
  CHECK(dynamic_cast<facts::SqliteShelf*>(shelf().get()));
  options.redis.server = "/nonexistent/redis.sock";
  CHECK(dynamic_cast<RedisShelf*>(shelf().get()));
  options.redis.server.clear();
  options.registry.cache.clear();
  CHECK(!shelf());
}
