// A Redis server that answers well, badly, late and not at all: whoever asks has an answer or does
// without, in time.
// SPDX-License-Identifier: MIT

#include "cached/clients/redis.h"

#include <csignal>

#include "cached/base/text.h"
#include "cached/clients/redis_link.h"
#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/clients/redis_server.h"
#include "tests/loop/test_loop.h"

namespace {

using clients::Redis;
using clients::RedisValue;
using tests::RedisServer;
using tests::Words;
using Is = RedisValue::Is;
using Value = std::optional<RedisValue>;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using namespace std::string_literals;

milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
  auto waiting = loop::sleep(loop, time);
  co_await waiting;
}

loop::Task<void> until_there(uv_loop_t* loop, const Redis& redis, milliseconds limit) {
  const auto start = Clock::now();
  while (redis.is_away() && since(start) < limit) {
    auto waiting = loop::sleep(loop, milliseconds(1));
    co_await waiting;
  }
}

loop::Task<std::vector<Value>> ask_many(Redis& redis, int count, std::string verb) {
  loop::Group<Value> group;
  for (int i = 0; i < count; i++) group.add(redis.command({verb, std::to_string(i)}));
  auto results = group.results();
  co_return co_await results;
}

struct Site : tests::TestLoop {
  RedisServer server{&loop};
  Site() { std::signal(SIGPIPE, SIG_IGN); }  // as main() does

  std::unique_ptr<Redis> connect(decltype(config::Options::redis) options) {
    auto redis = std::make_unique<Redis>(&loop, options);
    wait_for(*redis);
    return redis;
  }
  std::unique_ptr<Redis> connect() { return connect(server.options()); }
  bool wait_for(const Redis& redis, milliseconds limit = milliseconds(400)) {
    run(until_there(&loop, redis, limit));
    return !redis.is_away();
  }
  void rest(int time) { run(pause(&loop, milliseconds(time))); }
  bool goes_away(const Redis& redis) {
    return run_until([&] { return redis.is_away(); });
  }
  // No answer, and at once: the loop has not run.
  static bool is_refused(Redis& redis) {
    std::optional<Value> answer;
    loop::spawn(keep(redis.command({"GET", "a"}), answer));
    return answer && !*answer;
  }

  // What it answers is `answer`, but for the greeting.
  void say(const std::string& answer) {
    server.behaviour = [answer](const Words& words) {
      return words[0] == "PING" ? "+PONG\r\n" : answer;
    };
  }
};

}  // namespace

TEST_CASE("where a Redis server is may be written in four ways") {
  const auto is_good = [](const char* text) {
    auto options = config::default_options().redis;
    options.server = text;
    return bool(clients::check_redis(options));
  };
  for (const char* good : {"", "redis", "redis.example.org:6380", "192.0.2.1", "192.0.2.1:1",
                           "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:6379", "/run/redis.sock"})
    CHECK_MESSAGE(is_good(good), good);
  for (const char* bad : {"redis:", "redis:0", "redis:65536", "redis:6379x", "re dis", ":6379",
                          "[::1", "[::1]6379", "[192.0.2.1]", "a:b:c", "redis://x"})
    CHECK_MESSAGE(!is_good(bad), bad);
  CHECK(!is_good(("/" + std::string(107, 'x')).c_str()));
  const auto place = clients::parse_redis_place("[2001:db8::1]:6380");
  CHECK(place->host == "2001:db8::1");
  CHECK(place->port == 6380);
}

TEST_CASE("a Redis user without a password and a prefix with a blank are refused") {
  auto options = config::default_options().redis;
  options.server = "redis";
  options.user = "mail";
  CHECK(!clients::check_redis(options));
  options.password = config::Password("word");
  CHECK(clients::check_redis(options));
  options.prefix = "my keys:";
  CHECK(!clients::check_redis(options));
  options.prefix = std::string(65, 'x');
  CHECK(!clients::check_redis(options));
}

TEST_CASE("each kind of answer of Redis comes as it is") {
  Site site;
  const auto redis = site.connect();
  const auto answer = [&](const std::string& bytes) {
    site.say(bytes);
    return site.result_of(redis->command({"X"}));
  };
  CHECK(answer("+OK\r\n")->text == "OK");
  CHECK(answer("$4\r\na\0\r\n\r\n"s)->text == "a\0\r\n"s);
  CHECK(answer("$-1\r\n")->is == Is::nil);
  CHECK(answer("*-1\r\n")->is == Is::nil);
  CHECK(answer(":-42\r\n")->number == -42);
  CHECK(answer(tests::list({"a", ""}))->list == Words{"a", ""});
  CHECK(answer("*0\r\n")->is == Is::list);
  CHECK(!answer("-ERR no\r\n"));
  CHECK(!answer("*1\r\n:1\r\n"));
  CHECK(!answer("*1\r\n$-1\r\n"));
  CHECK(site.server.connections == 1);
}

TEST_CASE("a Redis server is logged in to at each connection before anything is sent") {
  Site site;
  auto options = site.server.options();
  options.user = "mail";
  options.password = config::Password("word \r\n");
  options.database = 7;
  const auto redis = site.connect(options);
  CHECK(site.result_of(redis->command({"GET", "a"}))->text == "OK");
  const std::vector<Words> first = {
      {"AUTH", "mail", "word \r\n"}, {"SELECT", "7"}, {"PING"}, {"GET", "a"}};
  CHECK(site.server.heard == first);
  site.server.close_all();
  site.rest(5);
  CHECK(site.wait_for(*redis));
  CHECK(site.server.count("AUTH") == 2);
  CHECK(site.server.count("SELECT") == 2);
  options.user.clear();
  site.server.heard.clear();
  site.connect(options);
  CHECK(site.server.heard.front() == Words{"AUTH", "word \r\n"});
}

TEST_CASE("a Redis that refuses the password, the database or to answer is not used") {
  Site site;
  auto options = site.server.options();
  options.password = config::Password("word");
  options.database = 7;
  for (const std::string verb : {"AUTH", "SELECT", "PING"}) {
    site.server.behaviour = [verb](const Words& words) {
      return words[0] == verb ? "-LOADING word\r\n" : "+OK\r\n";
    };
    const auto redis = site.connect(options);
    CHECK(redis->is_away());
    CHECK(!site.result_of(redis->command({"GET", "a"})));
    CHECK(site.server.count("GET") == 0);
  }
}

TEST_CASE("a thousand commands are under way at once and each has its own answer") {
  Site site;
  site.server.behaviour = [](const Words& words) {
    return words[0] == "PING" ? "+PONG\r\n" : tests::bulk(words[1]);
  };
  const auto redis = site.connect();
  const auto answers = site.result_of(ask_many(*redis, 1000, "GET"));
  for (std::size_t i = 0; i < answers.size(); i++) CHECK(answers[i]->text == std::to_string(i));
  CHECK(site.server.connections == 1);
}

TEST_CASE("beyond most_commands there is no answer at once") {
  Site site;
  site.say("");
  const auto redis = site.connect();
  for (std::size_t i = 0; i < Redis::most_commands; i++) redis->tell({"GET", "a"});
  CHECK(site.is_refused(*redis));
}

TEST_CASE("a Redis that does not answer costs query_time once and is left alone then") {
  Site site;
  const auto redis = site.connect();
  site.say("");
  const auto start = Clock::now();
  const auto answers = site.result_of(ask_many(*redis, 100, "GET"));
  for (const auto& answer : answers) CHECK(!answer);
  CHECK(since(start) >= milliseconds(199));
  CHECK(since(start) < milliseconds(10000));  // of 100 waits: twice that
  CHECK(redis->is_away());
  CHECK(site.is_refused(*redis));
  CHECK(site.server.connections == 1);
  CHECK(site.wait_for(*redis));
  site.say("+OK\r\n");
  CHECK(site.result_of(redis->command({"GET", "a"})));
}

TEST_CASE("the pauses of a Redis that stays away double") {
  Site site;
  site.server.behaviour = [](const Words&) { return "-LOADING\r\n"; };
  const auto redis = site.connect();
  site.rest(1550 - 400);  // at 0, 100, 300, 700 and 1500 ms
  CHECK(site.server.connections >= 4);
  CHECK(site.server.connections <= 5);
}

TEST_CASE("D04: a Redis that is not there is no answer at once, and found when it comes") {
  Site site;
  site.server.leave();
  auto options = site.server.options();
  const auto redis = site.connect(options);
  CHECK(redis->is_away());
  CHECK(site.is_refused(*redis));
  redis->tell({"SET", "a", "b"});
  site.server.listen();
  CHECK(site.wait_for(*redis, milliseconds(1000)));
  CHECK(site.result_of(redis->command({"GET", "a"}))->text == "OK");
}

TEST_CASE("a Redis is connected to in time also when the loop was busy before") {
  Site site;
  uv_sleep(300);
  Redis redis(&site.loop, site.server.options());
  CHECK(site.wait_for(redis, milliseconds(5000)));
  CHECK(site.result_of(redis.command({"GET", "a"})));
  CHECK(site.server.connections == 1);
}

TEST_CASE("a Redis that closes an idle connection is connected to again") {
  Site site;
  const auto redis = site.connect();
  CHECK(site.result_of(redis->command({"GET", "a"})));
  site.server.close_all();
  CHECK(site.goes_away(*redis));
  CHECK(site.wait_for(*redis, milliseconds(5000)));
}

TEST_CASE("what is no Redis behind the port is no answer, and does no harm") {
  Site site;
  const std::string noise(5000, '\xc1'), zeros(100000, '\0');
  for (const auto& greeting :
       {"SSH-2.0-OpenSSH_9.2\r\n"s, noise, zeros, "+OK\r\n+OK\r\n+OK\r\n"s, "-ERR go away\r\n"s,
        "*2147483647\r\n*2147483647\r\n"s, "$-2\r\n"s, ":999999999999999999999999\r\n"s}) {
    site.server.greeting = greeting;
    const auto redis = site.connect();
    CHECK(!site.result_of(redis->command({"GET", "a"})));
    CHECK(site.goes_away(*redis));
  }
}

TEST_CASE("a broken answer of Redis gives the connection up, and the next one is good") {
  Site site;
  for (const auto& answer :
       {"hello\r\n"s, "+OK\r\n+OK\r\n"s, "*2147483647\r\n"s, "*1\r\n*1\r\n+a\r\n"s,
        "$9000000\r\nabc"s, "$3\r\nabcdefg\r\n+x\r\n"s, "*100000\r\n+a\r\n"s,
        "+" + std::string(1 << 21, 'a'), tests::bulk(std::string((1 << 20) + (1 << 15), 'a')),
        "$99999999999999999999\r\n"s}) {
    const auto redis = site.connect();
    site.say(answer);
    const auto value = site.result_of(redis->command({"GET", "a"}));
    CHECK((!value || value->text == "OK" || value->text == "abc"));
    CHECK(site.goes_away(*redis));
    site.say("+good\r\n");
    CHECK(site.wait_for(*redis));
    CHECK(site.result_of(redis->command({"GET", "a"}))->text == "good");
  }
}

TEST_CASE("a value of a mebibyte comes whole") {
  Site site;
  const auto redis = site.connect();
  const std::string large((1 << 20) - 100, 'x');
  site.say(tests::bulk(large));
  CHECK(site.result_of(redis->command({"GET", "a"}))->text == large);
}

TEST_CASE("what a full or read-only Redis refuses is no answer, and the connection stays") {
  Site site;
  const auto redis = site.connect();
  for (const std::string error :
       {"-OOM command not allowed when used memory > 'maxmemory'.", "-READONLY replica",
        "-LOADING Redis is loading the dataset in memory", "-NOAUTH Authentication required.",
        "-WRONGTYPE Operation against a key holding the wrong kind of value"}) {
    site.say(error + "\r\n");
    CHECK(!site.result_of(redis->command({"HGETALL", "a"})));
    CHECK(!redis->is_away());
  }
  CHECK(site.server.connections == 1);
}

TEST_CASE("who waits for Redis when it is stopped goes on without") {
  Site site;
  const auto redis = site.connect();
  site.say("");
  std::optional<std::vector<Value>> answers;
  loop::spawn(tests::TestLoop::keep(ask_many(*redis, 10, "GET"), answers));
  redis->stop();
  REQUIRE(answers);
  for (const auto& answer : *answers) CHECK(!answer);
  CHECK(redis->is_away());
  CHECK(!site.result_of(redis->command({"GET", "a"})));
  redis->stop();
}

TEST_CASE("a Redis is found by the name of its host") {
  Site site;
  auto options = site.server.options();
  options.server.replace(0, 9, "localhost");
  options.connect_time = milliseconds(1000);
  const auto redis = site.connect(options);
  CHECK(site.wait_for(*redis, milliseconds(1000)));
}

TEST_CASE("a Redis of a host that does not exist is away, and stopped at any time") {
  Site site;
  auto options = site.server.options();
  options.server = "no-such-host.invalid";
  for (const int time : {0, 1, 200}) {
    const Redis redis(&site.loop, options);
    site.rest(time);
    CHECK(redis.is_away());
  }
}
