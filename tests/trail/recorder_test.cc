// The log table is written behind the answers: batches, outages, a full queue, the end.
// SPDX-License-Identifier: MIT

#include "cached/trail/recorder.h"

#include <sqlite3.h>
#include <filesystem>

#include "tests/clients/real_redis.h"
#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"
#include "tests/trail/full_disk.h"

namespace {

struct World {
  tests::Scratch scratch;
  tests::TestLoop loop;
  std::unique_ptr<stores::Connection> direct;
  std::unique_ptr<stores::Database> pool;
  std::unique_ptr<trail::Spool> spool;
  std::unique_ptr<trail::Numbers> numbers;
  std::unique_ptr<trail::Recorder> recorder;
  std::size_t queue_limit;
  std::string spool_name = "spool.db";
  trail::Bucket bucket;
  clients::RedisOptions redis;
  std::shared_ptr<clients::Redis> others;
  std::int64_t id = 0;

  explicit World(std::size_t limit, std::chrono::milliseconds query_time = std::chrono::seconds(30))
      : queue_limit(limit) {
    scratch.options.database.query_time = query_time;
    direct = scratch.connect();
    id = *direct->add("alice", "h", "");
    pool = std::make_unique<stores::Database>(&loop.loop, scratch.options.database);
    start();
  }
  ~World() {
    if (!recorder->rows().finished()) finish();
  }

  std::string path(const std::string& name) const { return scratch.directory + "/" + name; }
  void start() {
    recorder.reset();
    spool.reset();
    const trail::Spool::Settings settings{path(spool_name), "normal", 1000,
                                          std::chrono::milliseconds(50)};
    spool = std::make_unique<trail::Spool>(&loop.loop, settings);
    numbers = std::make_unique<trail::Numbers>(*spool);
    others = clients::make_redis(&loop.loop, redis);
    recorder = std::make_unique<trail::Recorder>(
        &loop.loop, *pool, *spool, *numbers, trail::Recorder::Settings{queue_limit, 100}, others);
  }
  void restart() {
    finish();
    start();
  }

  // Uses that are told apart by their session, from 0 on.
  stores::Use use(int number) const {
    stores::Use use{id, "imap", "192.0.2.1", ""};
    use.session = std::to_string(number);
    return use;
  }
  void add(int count) {
    for (int i = 0; i < count; i++) {
      stores::Use each = use(i);
      const auto number = recorder->add(each, bucket);
      if (number) recorder->complete(*number, each);
    }
  }
  void turn() { uv_run(&loop.loop, UV_RUN_ONCE); }
  void run_until_written() {
    while (recorder->rows().waiting() > 0) turn();
  }
  void run_until_safe() {
    while (recorder->rows().unsafe() > 0) turn();
  }
  void finish() {
    recorder->finish();
    spool->finish();
    while (!recorder->rows().finished() || !spool->is_idle()) turn();
  }
  std::size_t rows() const { return scratch.rows("SELECT id FROM log").size(); }
  bool in_order(int count) const {
    std::vector<std::string> wanted;
    for (int i = 0; i < count; i++) wanted.push_back(std::to_string(i));
    return scratch.rows("SELECT session FROM log ORDER BY id") == wanted;
  }
};

constexpr std::chrono::milliseconds brief{20};  // for queries that are to fail

// Holds the write lock of the database.
struct WriteLock {
  sqlite3* database = nullptr;
  explicit WriteLock(const World& world) {
    REQUIRE(sqlite3_open(world.scratch.options.database.path.c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  ~WriteLock() { sqlite3_close(database); }
};

}  // namespace

TEST_CASE("every login is written, more than a batch of them too") {
  World world(10000);
  world.add(1234);
  world.run_until_written();
  CHECK(world.rows() == 1234);
}

TEST_CASE("logins wait while the database cannot be written, and are written once it can") {
  World world(10000, brief);
  {
    const WriteLock lock(world);
    world.add(3);
    for (int i = 0; i < 3; i++) uv_run(&world.loop.loop, UV_RUN_ONCE);
    CHECK(world.recorder->rows().waiting() == 3);
  }
  world.run_until_written();
  CHECK(world.rows() == 3);
}

TEST_CASE("without a spool more logins than the queue holds are dropped, the others are kept") {
  World world(10, brief);
  world.spool_name = "not/there.db";
  world.restart();
  {
    const WriteLock lock(world);
    world.add(25);
    CHECK(world.recorder->rows().waiting() == 10);
  }
  world.run_until_written();
  CHECK(world.rows() == 10);
}

TEST_CASE("finishing writes what is still waiting") {
  World world(10000);
  world.add(700);
  world.finish();
  CHECK(world.rows() == 700);
}

TEST_CASE("finishing ends although the database cannot be written") {
  World world(10000, brief);
  const WriteLock lock(world);
  world.add(1);
  world.finish();
  CHECK(world.recorder->rows().waiting() == 1);
  CHECK(world.recorder->rows().unsafe() == 0);
}

TEST_CASE(
    "logins of which no other has the time are told apart whatever comes at the same moment") {
  World world(10000);
  world.add(500);
  world.finish();
  CHECK(world.scratch.rows("SELECT DISTINCT timestamp FROM log").size() == 500);
}

TEST_CASE("what could not be written is in the spool, and written by the next cached, in order") {
  World world(10000, brief);
  {
    const WriteLock lock(world);
    world.add(700);
    world.finish();
    CHECK(world.rows() == 0);
  }
  world.start();
  CHECK(world.recorder->rows().waiting() == 700);
  world.run_until_written();
  CHECK(world.in_order(700));
  world.restart();
  CHECK(world.recorder->rows().waiting() == 0);
}

TEST_CASE("more logins than are in memory wait in the spool, and are written in order") {
  World world(10, brief);
  {
    const WriteLock lock(world);
    world.add(300);
    CHECK(world.recorder->rows().waiting() == 300);
    world.run_until_safe();
  }
  world.run_until_written();
  CHECK(world.in_order(300));
}

TEST_CASE("what was written before a crash but was still in the spool is not written again") {
  World world(10000, brief);
  {
    const WriteLock lock(world);
    world.add(20);
    world.run_until_safe();
    for (const char* tail : {"", "-wal"})
      std::filesystem::copy_file(world.path("spool.db") + tail, world.path("crash.db") + tail);
  }
  world.run_until_written();
  CHECK(world.rows() == 20);
  world.finish();
  world.spool_name = "crash.db";
  world.start();
  CHECK(world.recorder->rows().waiting() == 20);
  world.run_until_written();
  CHECK(world.in_order(20));
}

TEST_CASE("a full spool loses the newest logins and keeps the others") {
  World world(10, brief);
  {
    const WriteLock lock(world);
    world.add(1100);
    world.run_until_safe();
    CHECK(world.recorder->rows().waiting() == 1000);
  }
  world.run_until_written();
  CHECK(world.in_order(1000));
}

TEST_CASE("a login is not written before it is complete, and nothing goes before it") {
  World world(10000);
  stores::Use first = world.use(0), second = world.use(1);
  const auto number = *world.recorder->add(first, {});
  world.recorder->complete(*world.recorder->add(second, {}), second);
  for (int i = 0; i < 20; i++) world.turn();
  CHECK(world.rows() == 0);
  first.reverse_name = "mx.example.com";
  world.recorder->complete(number, first);
  world.run_until_written();
  CHECK(world.in_order(2));
  CHECK(world.scratch.rows("SELECT src_rdns FROM log WHERE src_rdns IS NOT NULL").size() == 1);
}

TEST_CASE("what becomes known of a login while it waits goes with it across a restart") {
  for (const std::size_t limit : {std::size_t(100), std::size_t(1)}) {
    World world(limit, brief);
    {
      const WriteLock lock(world);
      std::vector<stores::Use> uses = {world.use(0), world.use(1)};
      std::vector<trail::Recorder::Number> numbers;
      for (auto& use : uses) numbers.push_back(*world.recorder->add(use, {}));
      for (std::size_t i = 0; i < uses.size(); i++) {
        uses[i].reverse_name = "mx.example.com";
        world.recorder->complete(numbers[i], uses[i]);
      }
      world.finish();
    }
    world.start();
    world.run_until_written();
    CHECK(world.scratch.rows("SELECT src_rdns FROM log") ==
          std::vector<std::string>(2, "mx.example.com"));
  }
}

TEST_CASE("while the disk is full logins wait in memory, and are safe once there is room") {
  World world(10000, brief);
  {
    const WriteLock lock(world);
    {
      const tests::FullDisk full;
      world.add(50);
      for (int i = 0; i < 50; i++) world.turn();
      CHECK(world.recorder->rows().waiting() == 50);
      CHECK(world.recorder->rows().unsafe() == 50);
    }
    world.run_until_safe();
    world.restart();
    CHECK(world.recorder->rows().waiting() == 50);
  }
  world.run_until_written();
  CHECK(world.in_order(50));
}

TEST_CASE("a full disk keeps no login out of a database that is elsewhere") {
  World world(10000);
  world.add(5);
  world.run_until_safe();
  {
    const tests::FullDisk full;
    world.add(5);
    for (int i = 0; i < 10; i++) world.turn();
  }
  world.run_until_written();
  CHECK(world.rows() == 10);
}

TEST_CASE("C06: equal uses within the bucket are one row, however many") {
  World world(10000);
  world.bucket = {std::chrono::seconds(60), std::chrono::seconds(5)};
  world.add(40);
  auto other = world.use(40);
  other.remote_ip = "192.0.2.2";
  world.recorder->complete(*world.recorder->add(other, world.bucket), other);
  world.add(40);
  world.run_until_written();
  CHECK(world.scratch.rows("SELECT session FROM log ORDER BY id") ==
        std::vector<std::string>{"0", "40"});
}

TEST_CASE("C06: two hosts with one Redis write one row for equal uses") {
  WARN_MESSAGE(tests::RealRedis::is_there(), "scripts/install-packages check brings redis-server");
  if (!tests::RealRedis::is_there()) return;
  const tests::RealRedis redis;
  World first(10000), second(10000);
  for (World* world : {&first, &second}) {
    world->redis = redis.options();
    world->bucket = {std::chrono::seconds(60), std::chrono::seconds(5)};
    world->restart();
  }
  const auto connected = [](World& world) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (world.others->is_away() && std::chrono::steady_clock::now() < end) world.turn();
    REQUIRE(!world.others->is_away());
  };
  for (World* world : {&first, &second, &first, &second}) {
    connected(*world);
    world->add(3);
    world->run_until_written();
  }
  CHECK(first.rows() + second.rows() == 1);
}
