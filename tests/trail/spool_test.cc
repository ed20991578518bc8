// Rows are kept in a file, together and once, and what is wrong with the file holds up nobody.
// SPDX-License-Identifier: MIT

#include "cached/trail/spool.h"

#include <sys/stat.h>
#include <filesystem>
#include <fstream>
#include <map>

#include "cached/loop/sleep.h"
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
                           std::chrono::seconds(30)};
  const std::string buffer = scratch.directory + "/spool.buffer";
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
  // With a buffer, from which nothing goes to the file by itself.
  void start_with_buffer() {
    stop();
    settings.buffer = buffer;
    settings.delay = std::chrono::hours(1);
    start();
  }
  // What a cached that is killed now leaves behind; the next one starts with that.
  void crash() {
    const std::string place = scratch.directory + "/crash";
    std::filesystem::create_directory(place);
    for (const char* name : {"spool.db", "spool.db-wal", "spool.buffer"})
      if (std::filesystem::exists(scratch.directory + "/" + name))
        std::filesystem::copy_file(scratch.directory + "/" + name, place + "/" + name,
                                   std::filesystem::copy_options::overwrite_existing);
    settings.path = place + "/spool.db";
    settings.buffer = place + "/spool.buffer";
    restart();
  }
  std::int64_t rows_in_file() const {
    sqlite3* opened = nullptr;
    const std::string from = scratch.directory + "/look.db";
    for (const char* tail : {"", "-wal"})
      std::filesystem::copy_file(settings.path + tail, from + tail,
                                 std::filesystem::copy_options::overwrite_existing);
    sqlite3_open(from.c_str(), &opened);
    const stores::SqliteHandle database(opened);
    stores::Statement count(opened, "SELECT count(*) FROM rows");
    REQUIRE(count.step() == SQLITE_ROW);
    return count.number(0);
  }
  static loop::Task<void> wait(Spool& spool) {
    auto kept = spool.kept();
    co_await kept;
  }
  static loop::Task<void> pause(World& world) {
    auto pause = loop::sleep(&world.loop.loop, std::chrono::milliseconds(5));
    co_await pause;
  }
  void keep() { loop.run(wait(*spool)); }
  void put(std::int64_t id, const std::string& body) { spool->put({id, Kind::use, body}); }
  std::string read(std::int64_t after = 0, std::size_t limit = 1000) {
    std::map<std::int64_t, std::string> found;
    for (const Kind kind : {Kind::use, Kind::attempt}) {
      const auto rows = loop.result_of(spool->read(kind, after, limit));
      if (!rows) return "error";
      for (const auto& row : *rows) found[row.id] = row.body;
    }
    std::string text;
    for (const auto& [id, body] : found) {
      if (limit-- == 0) break;
      text += std::to_string(id) + body + " ";
    }
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
  world.read();
  CHECK(world.spool->has_room());
}

TEST_CASE("when there is no room the oldest attempts go, never a use, and are counted") {
  World world;
  for (int id = 1; id <= 100; id++) world.spool->put({id, id % 2 ? Kind::use : Kind::attempt, "x"});
  world.keep();
  for (int id = 101; id <= 110; id++) {
    CHECK(world.spool->has_room());
    world.put(id, "x");
  }
  world.keep();
  CHECK(world.spool->dropped() == 10);
  world.spool->remove(2);  // has gone
  world.spool->amend({4, Kind::attempt, "y"});
  CHECK(world.read(0, 13) == "1x 3x 5x 7x 9x 11x 13x 15x 17x 19x 21x 22x 23x ");
  for (int id = 111; id <= 150; id++) world.put(id, "x");
  world.keep();
  CHECK(world.spool->dropped() == 50);
  CHECK(!world.spool->has_room());
  world.restart();
  CHECK(world.spool->found().rows == 100);
  CHECK(!world.spool->has_room());
}

TEST_CASE("what the database takes at once is never in the file") {
  World world;
  world.start_with_buffer();
  for (int id = 1; id <= 50; id++) world.put(id, "x");
  CHECK(world.spool->is_safe());
  for (int id = 1; id <= 50; id++) world.spool->remove(id);
  world.keep();
  CHECK(world.rows_in_file() == 0);
  CHECK(world.spool->is_idle());
  world.crash();
  CHECK(world.spool->found().rows == 0);
}

TEST_CASE("what is in the buffer goes to the file after a delay, but for what is gone by then") {
  World world;
  world.start_with_buffer();
  world.stop();
  world.settings.delay = std::chrono::milliseconds(20);
  world.start();
  world.put(1, "x");
  world.put(2, "x");
  world.spool->remove(1);
  while (world.rows_in_file() < 1) world.loop.run(World::pause(world));
  world.crash();
  CHECK(world.spool->found().rows == 1);
  CHECK(world.read() == "2x ");
}

TEST_CASE("after a crash each row of buffer and file is there once") {
  World world;
  world.start_with_buffer();
  world.put(1, "x");
  world.put(2, "x");
  CHECK(world.read() == "1x 2x ");  // from the file
  world.put(3, "x");
  world.put(4, "x");
  world.spool->amend({3, Kind::use, "y"});
  world.spool->remove(4);
  world.spool->remove(2);
  world.crash();
  CHECK(world.spool->found().rows == 3);
  CHECK(world.spool->found().last_id == 3);
  CHECK(world.read() == "1x 2x 3x ");
  world.restart();
  CHECK(world.read() == "1x 2x 3x ");
}

TEST_CASE("killed before the buffer knew that the file has a row, it is there once") {
  World world;
  world.start_with_buffer();
  world.put(1, "x");
  std::filesystem::copy_file(world.buffer, world.buffer + "2");
  CHECK(world.read() == "1x ");
  world.stop();
  std::filesystem::rename(world.buffer + "2", world.buffer);
  world.start();
  CHECK(world.spool->found().rows == 1);
  CHECK(world.read() == "1x ");
  for (int id = 2; id <= 100; id++) world.put(id, "x");
  CHECK(!world.spool->has_room());
}

TEST_CASE("on a full disk rows are safe in the buffer, and taken in when there is room") {
  World world;
  world.start_with_buffer();
  {
    const tests::FullDisk full;
    world.put(1, "x");
    CHECK(world.read() == "error");
    CHECK(!world.spool->works());
    CHECK(world.spool->is_safe());
    world.restart();
    CHECK(world.spool->found().rows == 1);
    CHECK(!world.spool->works());
    world.put(2, "x");
    CHECK(world.spool->is_safe());
  }
  while (!world.spool->works()) uv_run(&world.loop.loop, UV_RUN_ONCE);
  CHECK(world.read() == "1x 2x ");
}

TEST_CASE("what does not fit into the buffer, or is to survive the machine, waits for the file") {
  World world;
  world.start_with_buffer();
  SUBCASE("too long") { world.put(1, std::string(2000, 'x')); }
  SUBCASE("a loss of power") {
    world.stop();
    world.settings.sync = "full";
    world.start();
    world.put(1, "x");
  }
  SUBCASE("there is no buffer") {
    world.stop();
    world.settings.buffer = world.scratch.directory + "/not/there";
    world.start();
    world.put(1, "x");
  }
  CHECK(!world.spool->is_safe());
  world.keep();
  CHECK(world.spool->is_safe());
  CHECK(world.rows_in_file() == 1);
}

TEST_CASE("more than the buffer holds is written before it is full") {
  World world;
  world.settings.most_rows = 100000;
  world.start_with_buffer();
  for (int id = 1; id <= 12000; id++) world.put(id, "x");
  CHECK(world.spool->is_safe());
  while (world.rows_in_file() < 9000) uv_run(&world.loop.loop, UV_RUN_ONCE);
  for (int id = 12001; id <= 30000; id++) world.put(id, "x");
  world.keep();
  CHECK(world.spool->is_safe());
  world.crash();
  CHECK(world.spool->found().rows == 30000);
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
  const auto back = trail::decode_use(trail::encode(use));
  REQUIRE(back);
  CHECK(back->password_id == 7);
  CHECK(back->remote_ip == use.remote_ip);
  CHECK(back->reverse_name == use.reverse_name);
  CHECK(back->location == use.location);
  CHECK(back->result == use.result);
  CHECK(back->session == use.session);
  CHECK(trail::decode_use(trail::encode(use) + "5:later,"));
}

TEST_CASE("bytes that are no use are refused") {
  const std::string whole =
      trail::encode(stores::Use{7, "imap", "192.0.2.1", "2026-01-31 12:00:00.000"});
  for (std::size_t size = 0; size < whole.size(); size++)
    CHECK(!trail::decode_use(whole.substr(0, size)));
  for (const char* bytes : {"1:x,", "18446744073709551615:7,", "-1:7,", ":", "1:7;"})
    CHECK(!trail::decode_use(bytes));
}
