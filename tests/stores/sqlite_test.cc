// The SQLite store on a real file.
// SPDX-License-Identifier: MIT

#include "cached/stores/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <fstream>

#include "tests/stores/scratch.h"

namespace {

using stores::Connection;
using tests::Scratch;

std::int64_t add(Connection& store, std::string_view user, std::string_view hash) {
  const auto id = store.add(user, hash, "");
  REQUIRE(id);
  return *id;
}

std::vector<std::int64_t> by_last_use(Connection& store, std::string_view user) {
  const auto ids = store.by_last_use(user, 100);
  REQUIRE(ids);
  return *ids;
}

std::vector<std::int64_t> ids_of(Connection& store, std::string_view user) {
  const auto rows = store.passwords_of(user, 100);
  REQUIRE(rows);
  std::vector<std::int64_t> ids;
  for (const auto& row : *rows) ids.push_back(row.id);
  return ids;
}

void use(Connection& store, std::int64_t id) {
  const stores::Use uses[] = {{id, "imap", "192.0.2.1", "2026-01-31 12:00:00.123"}};
  REQUIRE(store.record(uses));
}

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a new file gets its tables and an old one keeps its rows") {
  Scratch scratch;
  const auto id = add(*scratch.connect(), "alice", "h");
  CHECK(ids_of(*scratch.connect(), "alice") == Ids{id});
}

TEST_CASE("app passwords come newest first, deleted ones last, or by their last use") {
  Scratch scratch;
  const auto store = scratch.connect();
  const auto a = add(*store, "alice", "a");
  const auto b = add(*store, "alice", "b");
  const auto c = add(*store, "alice", "c");
  const auto d = add(*store, "alice", "d");
  CHECK(ids_of(*store, "alice") == Ids{d, c, b, a});
  use(*store, c);
  use(*store, a);
  use(*store, b);
  use(*store, a);
  CHECK(by_last_use(*store, "alice") == Ids{a, b, c, d});
  CHECK(*store->revoke(d));
  CHECK(ids_of(*store, "alice") == Ids{c, b, a, d});
  CHECK(store->passwords_of("alice", 100)->back().deleted);
}

TEST_CASE("A02 A03 A04 D01: a user is compared for equality and not as a pattern") {
  Scratch scratch;
  const auto store = scratch.connect();
  add(*store, "alxice", "h");
  for (const char* user : {"al_ice", "%", "alx%", "*", "alx*", "ALXICE", "alxice ", "", "' OR 1=1"})
    CHECK(ids_of(*store, user).empty());
  CHECK(ids_of(*store, std::string_view("alxice\0x", 8)).empty());
  CHECK(ids_of(*store, "alxice").size() == 1);
}

TEST_CASE("names and comments survive whatever they are made of") {
  Scratch scratch;
  const auto store = scratch.connect();
  const std::string user = "J\xc3\xbcrgen'\"\\;--%_" + std::string(255, 'x');
  REQUIRE(store->add(user, "{CRYPT}$6$x", "phone\t\"\n"));
  const auto rows = store->passwords_of(user, 10);
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().hash == "{CRYPT}$6$x");
  CHECK(rows->front().comment == "phone\t\"\n");
}

TEST_CASE("no more rows are read than asked for") {
  Scratch scratch;
  const auto store = scratch.connect();
  for (int i = 0; i < 5; i++) add(*store, "alice", std::to_string(i));
  CHECK(store->passwords_of("alice", 3)->size() == 3);
}

TEST_CASE("the list shows when a password was last used and deleted") {
  Scratch scratch;
  const auto store = scratch.connect();
  const auto id = add(*store, "alice", "h");
  CHECK(store->list("alice")->front().last_used.empty());
  use(*store, id);
  CHECK(store->list("alice")->front().last_used == "2026-01-31 12:00:00.123");
  CHECK(store->list("alice")->front().deleted.empty());
  CHECK(*store->revoke(id));
  CHECK(!store->list("alice")->front().deleted.empty());
  CHECK(!*store->revoke(id));
  CHECK(!*store->revoke(id + 1));
}

TEST_CASE("a use of a password that has been removed is left out and the others are kept") {
  Scratch scratch;
  const auto store = scratch.connect();
  const auto id = add(*store, "alice", "h");
  const stores::Use uses[] = {{id + 1, "imap", "", "2026-01-31 12:00:00.000"},
                              {id, "pop3", "", "2026-01-31 12:00:00.001"}};
  CHECK(store->record(uses));
  CHECK(store->list("alice")->front().last_used == "2026-01-31 12:00:00.001");
}

TEST_CASE("the same hash twice for a user is an error that names the file") {
  Scratch scratch;
  const auto store = scratch.connect();
  add(*store, "alice", "h");
  const auto again = store->add("alice", "h", "");
  REQUIRE(!again);
  CHECK(again.error().text.find(scratch.options.database.path) != std::string::npos);
}

TEST_CASE("a file that is no database is an error") {
  Scratch scratch;
  std::ofstream(scratch.options.database.path) << std::string(4096, 'x');
  const auto prepared = stores::prepare(scratch.options.database);
  REQUIRE(!prepared);
  CHECK(prepared.error().text.find("not a database") != std::string::npos);
}

TEST_CASE("a database or directory that everybody can write to is refused") {
  Scratch scratch;
  scratch.connect();
  chmod(scratch.options.database.path.c_str(), 0666);
  CHECK(!stores::connect_any(scratch.options.database));
  chmod(scratch.options.database.path.c_str(), 0600);
  CHECK(stores::connect_any(scratch.options.database));
  chmod(scratch.directory.c_str(), 0777);
  CHECK(!stores::connect_any(scratch.options.database));
  chmod(scratch.directory.c_str(), 0700);
}

TEST_CASE("a connection notices that its file was replaced or removed") {
  Scratch scratch;
  const auto store = scratch.connect();
  add(*store, "alice", "h");
  const std::string path = scratch.options.database.path;
  std::filesystem::copy_file(path, path + ".backup");
  std::filesystem::rename(path + ".backup", path);
  CHECK(!store->passwords_of("alice", 1));
  std::filesystem::remove(path);
  CHECK(!store->passwords_of("alice", 1));
  CHECK(!stores::connect_any(scratch.options.database));  // not made anew behind the admin's back
}

TEST_CASE("a query on a locked database ends in time with an error") {
  Scratch scratch;
  scratch.options.database.query_time = std::chrono::milliseconds(300);
  const auto store = scratch.connect();
  const auto id = add(*store, "alice", "h");
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(scratch.options.database.path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const stores::Use uses[] = {{id, "imap", "", "2026-01-31 12:00:00.000"}};
  const auto recorded = store->record(uses);
  REQUIRE(!recorded);
  CHECK(recorded.error().text.find("locked") != std::string::npos);
  CHECK(ids_of(*store, "alice") == Ids{id});  // WAL: readers do not wait for a writer
  sqlite3_close(other);
  CHECK(store->record(uses));
}
