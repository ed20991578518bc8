// The tables that remember, read page by page from a real file.
// SPDX-License-Identifier: MIT

#include "cached/stores/history.h"

#include <sys/stat.h>

#include "cached/base/text.h"
#include "tests/stores/scratch.h"

namespace {

using base::cat;
using stores::PastTable;

std::vector<stores::PastRow> rows_after(stores::History& history, PastTable table, std::int64_t id,
                                        std::size_t limit) {
  auto rows = history.rows_after(table, id, limit);
  REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().text));
  return std::move(*rows);
}

}  // namespace

TEST_CASE("the uses of app passwords come in pages, with whose they are") {
  tests::Scratch scratch;
  const auto store = scratch.connect();
  const auto id = store->add("alice", "h", "phone");
  REQUIRE(id);
  for (int n = 1; n <= 5; n++)
    scratch.run(cat("INSERT INTO log (pwid, service, src_ip, timestamp, result, rule) VALUES (",
                    *id, ", 'imap', '192.0.2.", n, "', '2026-01-31 12:00:0", n,
                    ".5', 'deny', 'a:1')"));
  const auto history = stores::open_history(scratch.options.database);
  REQUIRE(history);
  CHECK(*(*history)->last_id(PastTable::log) == 5);
  const auto page = rows_after(**history, PastTable::log, 2, 2);
  REQUIRE(page.size() == 2);
  CHECK(page[0].id == 3);
  CHECK(page[1].id == 4);
  CHECK(page[1].user == "alice");
  CHECK(page[1].password_id == std::to_string(*id));
  CHECK(page[1].comment == "phone");
  CHECK(page[1].service == "imap");
  CHECK(page[1].remote_ip == "192.0.2.4");
  CHECK(page[1].time == "2026-01-31 12:00:04.5");
  CHECK(page[1].result == "deny");
  CHECK(page[1].rule == "a:1");
  CHECK(page[1].reverse_name.empty());
  CHECK(page[1].times == 1);
  CHECK(rows_after(**history, PastTable::log, 5, 2).empty());
}

TEST_CASE("a row of connection_log stands for many attempts, also of nobody in particular") {
  tests::Scratch scratch;
  const auto store = scratch.connect();
  scratch.run(
      "INSERT INTO connection_log (protocol, username, remote_ip, country, auth_ok, policy_reject, "
      "reason, last, count) VALUES ('imap', NULL, '192.0.2.1', 'DE', 0, 0, 'wrong password', "
      "'2026-01-31 12:00:59.123', 60)");
  const auto history = stores::open_history(scratch.options.database);
  REQUIRE(history);
  const auto rows = rows_after(**history, PastTable::connection_log, 0, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].user.empty());
  CHECK(rows[0].country == "DE");
  CHECK(rows[0].auth_ok == "0");
  CHECK(rows[0].policy_reject == "0");
  CHECK(rows[0].times == 60);
  CHECK(rows[0].time == "2026-01-31 12:00:59.123");
}

TEST_CASE(
    "the tables of a predecessor are read as they are, and one that is not there has no rows") {
  tests::Scratch scratch;
  scratch.run(
      "CREATE TABLE app_passwords (id INTEGER PRIMARY KEY, uid TEXT, comment TEXT);"
      "CREATE TABLE log (id INTEGER PRIMARY KEY, pwid INTEGER, service TEXT, src_ip TEXT, "
      "src_rdns TEXT, src_loc TEXT, src_isp TEXT, timestamp TEXT);"
      "INSERT INTO log VALUES (7, 1, 'imap', '192.0.2.1', '<>', 'Germany', 'X', '2026-01-31')");
  const auto history = stores::open_history(scratch.options.database);
  REQUIRE(history);
  const auto rows = rows_after(**history, PastTable::log, 0, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].result == "permit");
  CHECK(rows[0].reverse_name == "<>");
  CHECK(rows[0].user.empty());
  CHECK(*(*history)->last_id(PastTable::connection_log) == 0);
  CHECK(rows_after(**history, PastTable::connection_log, 0, 10).empty());
}

TEST_CASE("a database that is not there is an error, and is not made") {
  tests::Scratch scratch;
  CHECK_FALSE(stores::open_history(scratch.options.database));
  CHECK_FALSE(std::filesystem::exists(scratch.options.database.path));
  std::filesystem::create_directory(scratch.options.database.path);
  CHECK_FALSE(stores::open_history(scratch.options.database));
}

TEST_CASE("a database without the tables, or that is none, is an error") {
  tests::Scratch scratch;
  scratch.run("CREATE TABLE other (id INTEGER)");
  const auto history = stores::open_history(scratch.options.database);
  REQUIRE(history);
  const auto none = (*history)->last_id(PastTable::log);
  REQUIRE_FALSE(none);
  CHECK(none.error().text.find("log") != std::string::npos);
}
