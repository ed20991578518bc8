// Rows are kept in a file, together and once, and what is wrong with the file holds up nobody.
// SPDX-License-Identifier: MIT

#include "cached/trail/spool.h"

#include <sys/stat.h>
#include <filesystem>
#include <fstream>

#include "cached/trail/row.h"
#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"
#include "tests/trail/full_disk.h"

namespace {

using trail::Kind;
using trail::Spool;

struct World {
  tests::Scratch scratch;
  tests::TestLoop loop;
  Spool::Settings settings{scratch.directory + "/spool.db", "normal", 100,
                           std::chrono::milliseconds(30)};
  std::unique_ptr<Spool> spool;

  World() { start(); }
  ~World() { stop(); }
  void start() { spool = std::make_unique<Spool>(&loop.loop, settings); }
  void stop() {
    spool->finish();
    while (!spool->is_idle()) uv_run(&loop.loop, UV_RUN_ONCE);
    spool.reset();
  }
  void restart() {
    stop();
    start();
  }
  static loop::Task<void> wait(Spool& spool) {
    auto kept = spool.kept();
    co_await kept;
  }
  void keep() { loop.run(wait(*spool)); }
  void put(std::int64_t id, const std::string& body) { spool->put({id, Kind::use, body}); }
  std::string read(std::int64_t after = 0, std::size_t limit = 1000) {
    const auto rows = loop.result_of(spool->read(after, limit));
    std::string text;
    if (!rows) return "error";
    for (const auto& row : *rows) text += std::to_string(row.id) + row.body + " ";
    return text;
  }
};

}  // namespace

TEST_CASE("what was put is there after a restart, in order, and what was removed is not") {
  World world;
  for (const int id : {3, 1, 2, 4}) world.put(id, "x");
  world.spool->amend({2, Kind::use, "y"});
  world.keep();
  world.spool->remove(3);
  world.restart();
  CHECK(world.spool->found().rows == 3);
  CHECK(world.spool->found().last_id == 4);
  CHECK(world.read() == "1x 2y 4x ");
  CHECK(world.read(1, 1) == "2y ");
}

TEST_CASE("a row that goes before it was written never is") {
  World world;
  world.put(1, "x");
  world.spool->remove(1);
  world.keep();
  CHECK(world.read() == "");
  CHECK(world.spool->has_room());
}

TEST_CASE("the rows of the most there may be are counted across restarts") {
  World world;
  for (int id = 1; id <= 100; id++) {
    CHECK(world.spool->has_room());
    world.put(id, "x");
  }
  CHECK(!world.spool->has_room());
  world.restart();
  CHECK(!world.spool->has_room());
  world.spool->remove(50);
  CHECK(world.spool->has_room());
}

TEST_CASE("without a path there is no spool and nobody waits") {
  World world;
  world.stop();
  world.settings.path = "";
  world.start();
  CHECK(!world.spool->has_room());
  world.keep();
}

TEST_CASE("a spool that cannot be opened, or is something else, is none") {
  World world;
  world.stop();
  const std::string path = world.settings.path;
  SUBCASE("no directory") { world.settings.path = path + "/x"; }
  SUBCASE("no database") {
    std::filesystem::remove(path);
    std::ofstream(path) << std::string(4096, 'x');
  }
  SUBCASE("a database of something else") { world.settings.path = path + "2"; }
  SUBCASE("everybody can write to it") { chmod(path.c_str(), 0666); }
  SUBCASE("another cached has it") {
    World other;
    world.settings.path = other.settings.path;
    world.start();
    CHECK(!world.spool->works());
    world.stop();
    other.put(1, "x");
    CHECK(other.read() == "1x ");
  }
  if (world.settings.path == path + "2") {
    sqlite3* made = nullptr;
    REQUIRE(sqlite3_open(world.settings.path.c_str(), &made) == SQLITE_OK);
    sqlite3_exec(made, "CREATE TABLE mine (x)", nullptr, nullptr, nullptr);
    sqlite3_close(made);
  }
  world.start();
  CHECK(!world.spool->works());
  CHECK(!world.spool->has_room());
  world.keep();
}

TEST_CASE("on a full disk nobody waits, and all is written once there is room") {
  World world;
  world.put(1, "x");
  world.keep();
  {
    const tests::FullDisk full;
    world.put(2, "x");
    world.keep();
    CHECK(!world.spool->works());
    world.put(3, "x");
    world.spool->remove(1);
    world.spool->amend({2, Kind::use, "y"});
    world.keep();
    CHECK(world.read() == "error");
  }
  while (!world.spool->works()) uv_run(&world.loop.loop, UV_RUN_ONCE);
  CHECK(world.read() == "2y 3x ");
  world.restart();
  CHECK(world.spool->found().rows == 2);
}

TEST_CASE("a file that somebody has removed is noticed") {
  World world;
  world.put(1, "x");
  world.keep();
  std::filesystem::remove(world.settings.path);
  world.put(2, "x");
  world.keep();
  CHECK(!world.spool->works());
}

TEST_CASE("a use comes out of the spool as it went in, whatever bytes it is made of") {
  stores::Use use{7, "imap", std::string("\0:,\n", 5), "2026-01-31 12:00:00.000"};
  use.reverse_name = "<>";
  use.location = "12:abc,";
  use.result = "deny";
  use.session = "s";
  const auto back = trail::decode(trail::encode(use));
  REQUIRE(back);
  CHECK(back->password_id == 7);
  CHECK(back->remote_ip == use.remote_ip);
  CHECK(back->reverse_name == use.reverse_name);
  CHECK(back->location == use.location);
  CHECK(back->result == use.result);
  CHECK(back->session == use.session);
  CHECK(trail::decode(trail::encode(use) + "5:later,"));
}

TEST_CASE("bytes that are no use are refused") {
  const std::string whole = trail::encode({7, "imap", "192.0.2.1", "2026-01-31 12:00:00.000"});
  for (std::size_t size = 0; size < whole.size(); size++)
    CHECK(!trail::decode(whole.substr(0, size)));
  for (const char* bytes : {"1:x,", "18446744073709551615:7,", "-1:7,", ":", "1:7;"})
    CHECK(!trail::decode(bytes));
}
