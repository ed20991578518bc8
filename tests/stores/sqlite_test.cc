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

TEST_CASE("a file of before refused uses were recorded gets their columns and keeps its rows") {
  Scratch scratch;
  scratch.run(
      "CREATE TABLE app_passwords (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL, "
      "password TEXT NOT NULL, created TEXT NOT NULL DEFAULT 'then', comment TEXT, deleted TEXT);"
      "CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, pwid INTEGER NOT NULL, "
      "service TEXT, src_ip TEXT, src_rdns TEXT, src_loc TEXT, src_isp TEXT, "
      "timestamp TEXT NOT NULL);"
      "CREATE INDEX log_pwid ON log (pwid);"
      "CREATE VIEW app_passwords_with_log AS SELECT 1;"
      "INSERT INTO app_passwords (uid, password) VALUES ('alice', 'h');"
      "INSERT INTO log (pwid, timestamp) VALUES (1, '2026-01-31 12:00:00.000');");
  for (int start = 0; start < 2; start++) {
    const auto store = scratch.connect();
    CHECK(store->list("alice")->front().last_used == "2026-01-31 12:00:00.000");
    stores::Use refused{1, "imap", "192.0.2.1", "2026-01-31 12:00:01.000"};
    refused.result = "deny";
    CHECK(store->record(std::span(&refused, 1)));
    CHECK(store->list("alice")->front().last_used == "2026-01-31 12:00:00.000");
  }
  CHECK(scratch.rows("SELECT result FROM app_password_uses ORDER BY timestamp") ==
        std::vector<std::string>{"permit", "deny", "deny"});
}

TEST_CASE("a use that may be there is written once, and one that is like another is not it") {
  Scratch scratch;
  const auto store = scratch.connect();
  const auto id = add(*store, "alice", "h");
  stores::Use use{id, "imap", "192.0.2.1", "2026-01-31 12:00:00.000"};
  use.host = "mail1";
  REQUIRE(store->record(std::span(&use, 1)));
  use.may_be_there = true;
  use.reverse_name = "came.later.example.com";
  for (int i = 0; i < 3; i++) CHECK(store->record(std::span(&use, 1)));
  CHECK(scratch.rows("SELECT id FROM log").size() == 1);
  std::vector<stores::Use> others(6, use);
  others[0].service = "pop3";
  others[1].remote_ip = "192.0.2.2";
  others[2].time = "2026-01-31 12:00:00.001";
  others[3].result = "deny";
  others[4].host = "mail2";
  others[5].service = "";
  CHECK(store->record(others));
  CHECK(store->record(others));
  CHECK(scratch.rows("SELECT id FROM log").size() == 7);
}

TEST_CASE("attempts are written by their number, and again only brought up to date") {
  Scratch scratch;
  auto store = scratch.connect();
  stores::Attempts row;
  row.number = 7;
  row.host = "mx";
  row.user = "alice";
  row.auth_ok = false;
  row.first = row.last = 1'000'123;
  REQUIRE(store->record_attempts({&row, 1}));
  auto later = row;
  later.user = "bob";
  later.last = 2'000'000;
  later.count = 5;
  for (const auto& each : {later, row}) REQUIRE(store->record_attempts({&each, 1}));
  CHECK(scratch.rows("SELECT username || auth_ok || first || last || count || "
                     "ifnull(policy_reject, 'null') FROM connection_log") ==
        std::vector<std::string>{"alice01970-01-01 00:16:40.1231970-01-01 00:33:20.0005null"});
  for (const std::int64_t before : {1000, 1001}) {
    const auto purged = store->purge_attempts(before);
    REQUIRE(purged);
    CHECK(*purged == before - 1000);
  }
}
