// The log table is written behind the answers: batches, outages, a full queue, the end.
// SPDX-License-Identifier: MIT

#include "cached/trail/recorder.h"

#include <sqlite3.h>

#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"

namespace {

struct World {
  tests::Scratch scratch;
  tests::TestLoop loop;
  std::unique_ptr<stores::Connection> direct;
  std::unique_ptr<stores::Database> pool;
  std::unique_ptr<trail::Recorder> recorder;
  std::int64_t id = 0;

  explicit World(std::size_t queue_limit,
                 std::chrono::milliseconds query_time = std::chrono::seconds(30)) {
    scratch.options.database.query_time = query_time;
    direct = scratch.connect();
    id = *direct->add("alice", "h", "");
    pool = std::make_unique<stores::Database>(&loop.loop, scratch.options.database);
    recorder = std::make_unique<trail::Recorder>(&loop.loop, *pool, queue_limit);
  }
  ~World() {
    if (!recorder->finished()) finish();
  }

  void add(int count) {
    for (int i = 0; i < count; i++)
      recorder->add({id, "imap", "192.0.2.1", "2026-01-31 12:00:00.000"});
  }
  void run_until_written() {
    while (recorder->waiting() > 0) uv_run(&loop.loop, UV_RUN_ONCE);
  }
  void finish() {
    recorder->finish();
    while (!recorder->finished()) uv_run(&loop.loop, UV_RUN_ONCE);
  }
  int rows() {
    sqlite3* database = nullptr;
    sqlite3_stmt* count = nullptr;
    sqlite3_open(scratch.options.database.path.c_str(), &database);
    sqlite3_prepare_v2(database, "SELECT count(*) FROM log", -1, &count, nullptr);
    sqlite3_step(count);
    const int number = sqlite3_column_int(count, 0);
    sqlite3_finalize(count);
    sqlite3_close(database);
    return number;
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
    CHECK(world.recorder->waiting() == 3);
  }
  world.run_until_written();
  CHECK(world.rows() == 3);
}

TEST_CASE("more logins than the queue holds are dropped and the others are kept") {
  World world(10, brief);
  {
    const WriteLock lock(world);
    world.add(25);
    CHECK(world.recorder->waiting() == 10);
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
  CHECK(world.recorder->waiting() == 1);
}
