// What the registries said, kept across restarts in an SQLite file.
// SPDX-License-Identifier: MIT

#include "cached/facts/sqlite_shelf.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "cached/base/text.h"
#include "cached/facts/shelf_file.h"
#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"

namespace {

using facts::Shelf;
using facts::ShelfFile;
using facts::SqliteShelf;
using std::chrono::seconds;
using namespace std::string_literals;

constexpr std::size_t many = 10000;
const Shelf::Fields fields = {{"asn", "AS3209"}, {"n:00-ff", "a\0b\xff '\""s}};

struct Site : tests::TestLoop {
  tests::Scratch scratch;
  const std::string path = scratch.directory + "/registry.db";
  std::unique_ptr<SqliteShelf> open(std::size_t rows = many) {
    return std::make_unique<SqliteShelf>(&loop, path, rows);
  }
  void restart(std::unique_ptr<SqliteShelf>& shelf) {
    shelf->stop();
    shelf.reset();
    settle();
    shelf = open();
  }
  static loop::Task<void> until_idle(uv_loop_t* loop) {
    const int own = 0;
    while (loop::roots() > own + 1) {
      auto waiting = loop::sleep(loop, std::chrono::milliseconds(1));
      co_await waiting;
    }
  }
  void settle() { run(until_idle(&loop)); }
  Shelf::Kept read(Shelf& shelf, const std::string& key) {
    settle();
    return result_of(shelf.read(key));
  }
  std::string contents(const std::string& name) {
    std::ifstream in(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void overwrite(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
};

}  // namespace

TEST_CASE("what is written is read, also after a restart") {
  Site site;
  auto shelf = site.open();
  CHECK(site.read(*shelf, "c4:3eefed").fields.empty());
  shelf->write("c4:3eefed", fields, seconds(100));
  shelf->write("c4:3eefee", {{"asn", "AS1"}}, seconds(100));
  CHECK(site.read(*shelf, "c4:3eefed").fields == fields);
  site.restart(shelf);
  CHECK(site.read(*shelf, "c4:3eefed").fields == fields);
  shelf->write("c4:3eefed", {{"asn", "AS2"}, {"x", "1"}}, seconds(100));
  const Shelf::Fields both = {{"asn", "AS2"}, fields[1], {"x", "1"}};
  CHECK(site.read(*shelf, "c4:3eefed").fields == both);
  shelf->write("c4:3eefed", {{"x", ""}, {fields[1].first, ""}}, seconds(100));
  CHECK(site.read(*shelf, "c4:3eefed").fields == Shelf::Fields{{"asn", "AS2"}});
  CHECK(!shelf->is_shared());
  CHECK(site.result_of(shelf->claim("c4:3eefed")));
  CHECK(site.result_of(shelf->claim("c4:3eefed")));
}

TEST_CASE("a key is kept as long as the write says that says longest") {
  Site site;
  ShelfFile file(site.path, many);
  const auto now = std::chrono::system_clock::now();
  const auto in = [&](int time) { return now + std::chrono::milliseconds(time); };
  file.write({{"a", {{"x", "1"}}, in(100'000)}, {"a", {{"y", "2"}}, in(300)}});
  file.write({{"b", {{"x", "1"}}, in(300)}, {"b", {{"y", "2"}}, in(100'000)}});
  file.write({{"c", {{"x", "1"}}, in(300)}});
  usleep(350'000);
  CHECK(file.read("a").fields.size() == 2);
  CHECK(file.read("b").fields.size() == 2);
  CHECK(file.read("c").fields.empty());
  file.write({{"c", {{"y", "1"}}, in(100'000)}});  // what has gone does not come back
  CHECK(file.read("c").fields.size() == 1);
}

TEST_CASE("what is erased is not read from then on") {
  Site site;
  auto shelf = site.open();
  shelf->write("a", fields, seconds(100));
  site.settle();
  shelf->erase("a");
  CHECK(site.result_of(shelf->read("a")).fields.empty());
  CHECK(site.read(*shelf, "a").fields.empty());
  site.restart(shelf);
  CHECK(site.read(*shelf, "a").fields.empty());
}

TEST_CASE("the time of the last erase_all is told with every key, also after a restart") {
  Site site;
  auto shelf = site.open();
  CHECK(site.read(*shelf, "a").flushed == Shelf::Time());
  const auto before = std::chrono::system_clock::now();
  shelf->erase_all();
  CHECK(site.result_of(shelf->read("a")).flushed >= before);
  CHECK(site.read(*shelf, "a").flushed >= before);
  site.restart(shelf);
  const auto flushed = site.read(*shelf, "b").flushed;
  CHECK(flushed >= before - std::chrono::milliseconds(1));
  CHECK(flushed <= std::chrono::system_clock::now());
}

TEST_CASE("many writes are written together") {
  Site site;
  const auto shelf = site.open();
  for (int i = 0; i < 5000; i++) shelf->write(base::cat("k", i), fields, seconds(100));
  CHECK(site.read(*shelf, "k0").fields == fields);
  CHECK(site.read(*shelf, "k4999").fields == fields);
}

TEST_CASE("rows whose time is over are deleted, and beyond a limit those that would go first") {
  Site site;
  ShelfFile file(site.path, 1000);
  const auto now = std::chrono::system_clock::now();
  std::vector<ShelfFile::Change> changes;
  for (int i = 0; i < 3000; i++)
    changes.push_back({base::cat("k", i), {{"x", "1"}}, now + seconds(100 + i)});
  changes.push_back({"", {}, now});
  file.write(changes);
  CHECK(file.read("k0").fields.empty());
  CHECK(!file.read("k2999").fields.empty());
  CHECK(file.read("k2999").flushed == now);
  changes.assign(1, {"gone", {{"x", "1"}}, now - seconds(1)});
  file.write(changes);
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(site.path.c_str(), &database) == SQLITE_OK);
  const auto count = [](void* out, int, char** columns, char**) {
    *static_cast<int*>(out) = std::atoi(columns[0]);
    return 0;
  };
  int rows = 0;
  sqlite3_exec(database, "SELECT count(*) FROM shelf", count, &rows, nullptr);
  CHECK(rows > 900);
  CHECK(rows <= 1001);
  sqlite3_exec(database, "SELECT count(*) FROM shelf WHERE key = 'gone'", count, &rows, nullptr);
  CHECK(rows == 0);
  sqlite3_close(database);
}

TEST_CASE("K22: a broken cache file is put aside and begun anew") {
  for (const auto& text :
       {"not a database, but longer than a header of one must be "s + std::string(5000, 'x'),
        "SQLite format 3\0"s + std::string(5000, '\xff')}) {
    Site site;
    site.overwrite(text);
    const auto shelf = site.open();
    shelf->write("a", fields, seconds(100));
    CHECK(site.read(*shelf, "a").fields == fields);
    CHECK(site.contents(site.path + ".broken") == text);
  }
}

TEST_CASE("K22: a cache file that is found broken later is begun anew") {
  Site site;
  {
    ShelfFile file(site.path, many);
    for (int i = 0; i < 300; i++)
      file.write({{base::cat("k", i), fields, std::chrono::system_clock::now() + seconds(100)}});
  }
  auto text = site.contents(site.path);
  REQUIRE(text.size() > 12288);
  std::fill(text.begin() + 4096, text.end(), '\x5a');
  site.overwrite(text);
  const auto shelf = site.open();
  for (int i = 0; i < 300; i++) site.read(*shelf, base::cat("k", i));
  shelf->write("a", fields, seconds(100));
  site.settle();
  shelf->write("a", fields, seconds(100));
  CHECK(site.read(*shelf, "a").fields == fields);
}

TEST_CASE("a directory that is not there or that everybody may write to is no cache") {
  Site site;
  SqliteShelf nowhere(&site.loop, site.scratch.directory + "/none/registry.db", many);
  nowhere.write("a", fields, seconds(100));
  CHECK(site.read(nowhere, "a").fields.empty());
  const std::string open_to_all = site.scratch.directory + "/open";
  std::filesystem::create_directory(open_to_all);
  chmod(open_to_all.c_str(), 0777);
  SqliteShelf unsafe(&site.loop, open_to_all + "/registry.db", many);
  unsafe.write("a", fields, seconds(100));
  CHECK(site.read(unsafe, "a").fields.empty());
  CHECK(!std::filesystem::exists(open_to_all + "/registry.db"));
  SqliteShelf directory(&site.loop, open_to_all, many);
  CHECK(site.read(directory, "a").fields.empty());
}

TEST_CASE("a database of something else is left alone") {
  Site site;
  site.scratch.connect();
  const auto before = site.contents(site.scratch.options.database.path);
  SqliteShelf shelf(&site.loop, site.scratch.options.database.path, many);
  shelf.write("a", fields, seconds(100));
  CHECK(site.read(shelf, "a").fields.empty());
  CHECK(site.contents(site.scratch.options.database.path) == before);
}

TEST_CASE("a cache file that is deleted is made anew") {
  Site site;
  const auto shelf = site.open();
  shelf->write("a", fields, seconds(100));
  site.settle();
  std::filesystem::remove(site.path);
  CHECK(site.read(*shelf, "a").fields.empty());
  shelf->write("a", fields, seconds(100));
  CHECK(site.read(*shelf, "a").fields == fields);
  CHECK(std::filesystem::exists(site.path));
}

TEST_CASE("what is larger than 64 KiB is not read") {
  Site site;
  const auto shelf = site.open();
  shelf->write("a", {{"x", std::string(70'000, 'x')}}, seconds(100));
  CHECK(site.read(*shelf, "a").fields.empty());
}

TEST_CASE("a file that somebody else holds is a miss in time") {
  Site site;
  const auto shelf = site.open();
  shelf->write("a", fields, seconds(100));
  site.settle();
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(site.path.c_str(), &database) == SQLITE_OK);
  sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; i++) shelf->write(base::cat("k", i), fields, seconds(100));
  CHECK(site.result_of(shelf->read("k0")).fields.empty());
  static_cast<void>(site.result_of(shelf->read("a")));
  CHECK(std::chrono::steady_clock::now() - start < seconds(2));
  sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  site.settle();
  CHECK(site.read(*shelf, "a").fields == fields);
}

TEST_CASE("a full disk is a miss, and written again when there is room") {
  Site site;
  ShelfFile file(site.path, many);
  const auto later = std::chrono::system_clock::now() + seconds(100);
  file.write({{"a", fields, later}});
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit full{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  for (int i = 0; i < 5; i++) file.write({{"b", {{"x", std::string(60'000, 'x')}}, later}});
  CHECK(file.read("a").fields == fields);
  setrlimit(RLIMIT_FSIZE, &before);
  file.write({{"c", fields, later}});
  CHECK(file.read("c").fields == fields);
}
