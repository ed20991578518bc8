// See shelf_file.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/shelf_file.h"

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "cached/base/files.h"
#include "cached/base/log.h"
#include "cached/base/text.h"

namespace facts {

using base::cat;
using base::Done;
using base::Error;
using base::Status;
using stores::Statement;

namespace {

// NORMAL: with WAL, a loss of power may cost what was written last, and never the file.
constexpr char pragmas[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA trusted_schema=OFF;";
// Tells it from a file of somebody else: "cpsh".
constexpr char schema[] =
    "PRAGMA application_id=0x63707368;"
    "CREATE TABLE IF NOT EXISTS shelf (key TEXT NOT NULL, field TEXT NOT NULL, "
    "value TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (key, field)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS shelf_until ON shelf (until);";
constexpr std::int64_t application_id = 0x63707368;
constexpr int busy_time = 100;                                     // ms: another process may write
constexpr std::int64_t most_deleted = 500, most_evicted = 10'000;  // rows at a time
constexpr int a_stranger = SQLITE_NOTICE;                          // not a code that SQLite returns

// Milliseconds since 1970.
std::int64_t stamp_of(Shelf::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
std::int64_t now() { return stamp_of(std::chrono::system_clock::now()); }

bool is_broken(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

// Whether it may be well again without anybody having changed the configuration.
bool passes(int code) {
  const int kind = code & 0xff;
  return kind == SQLITE_FULL || kind == SQLITE_BUSY || kind == SQLITE_IOERR;
}

}  // namespace

template <class Take, class... Values>
int ShelfFile::run(const char* sql, Take take, const Values&... values) {
  Statement statement(database_.get(), sql);
  if (!statement) return sqlite3_extended_errcode(database_.get());
  int at = 0;
  (statement.bind(++at, values), ...);
  int code;
  while ((code = statement.step()) == SQLITE_ROW) take(statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int ShelfFile::number(const char* sql, std::int64_t& found) {
  return run(sql, [&](const Statement& row) { found = row.number(0); });
}

Shelf::Kept ShelfFile::read(const std::string& key) {
  if (!is_open()) return {};
  Shelf::Kept kept{{}, flushed_};
  std::size_t bytes = 0;
  const auto take = [&](const Statement& row) {
    bytes += row.text(0).size() + row.text(1).size();
    if (bytes <= Shelf::most_bytes) kept.fields.emplace_back(row.text(0), row.text(1));
  };
  const int code =
      run("SELECT field, value FROM shelf WHERE key = ?1 AND until > ?2", take, key, now());
  if (!succeeded(code, sqlite3_errmsg(database_.get())) || bytes > Shelf::most_bytes)
    kept.fields.clear();
  return kept;
}

void ShelfFile::write(const std::vector<Change>& changes) {
  if (!is_open() || changes.empty()) return;
  int code = execute("BEGIN IMMEDIATE");
  for (const Change& change : changes)
    if (code == SQLITE_OK) code = apply(change);
  if (code == SQLITE_OK) code = make_room();
  if (code == SQLITE_OK) code = execute("COMMIT");
  const std::string problem = sqlite3_errmsg(database_.get());
  if (code != SQLITE_OK && !sqlite3_get_autocommit(database_.get())) execute("ROLLBACK");
  if (succeeded(code, problem) && std::exchange(in_trouble_, false))
    base::log::notice(cat("registry cache ", path_, ": is written again"));
}

int ShelfFile::apply(const Change& change) {
  const std::int64_t time = stamp_of(change.time);
  constexpr char insert[] =
      "INSERT INTO shelf (key, field, value, until) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE "
      "SET value = excluded.value, until = max(until, excluded.until)";
  rows_ += static_cast<std::int64_t>(change.fields.size());
  if (change.key.empty()) {
    flushed_ = change.time;
    return run_all(insert, change.key, "flushed", std::to_string(time),
                   std::numeric_limits<std::int64_t>::max());
  }
  keys_.add(change.key);
  // Rows whose time is over but which nobody has deleted yet must not come to life again.
  int code = run_all("DELETE FROM shelf WHERE key = ?1 AND until <= ?2", change.key,
                     change.fields.empty() ? std::numeric_limits<std::int64_t>::max() : now());
  constexpr char end[] = "DELETE FROM shelf WHERE key = ?1 AND field = ?2";
  for (const auto& [name, value] : change.fields)
    if (code == SQLITE_OK)
      code = value.empty() ? run_all(end, change.key, name)
                           : run_all(insert, change.key, name, value, time);
  if (code != SQLITE_OK || change.fields.empty()) return code;
  return run_all(
      "UPDATE shelf SET until = (SELECT max(until) FROM shelf WHERE key = ?1) WHERE key = ?1",
      change.key);
}

// A few of those whose time is over; and when there are too many rows, so many that they need not
// be counted again soon.
int ShelfFile::make_room() {
  constexpr char forget[] =
      "DELETE FROM shelf WHERE (key, field) IN "
      "(SELECT key, field FROM shelf WHERE until <= ?1 AND key <> '' ORDER BY until LIMIT ?2)";
  const int code = run_all(forget, now(), most_deleted);
  if (code != SQLITE_OK || rows_ <= most_rows_) return code;
  const int counted = number("SELECT count(*) FROM shelf", rows_);
  if (counted != SQLITE_OK || rows_ <= most_rows_) return counted;
  const std::int64_t excess = std::min(rows_ - most_rows_ + most_rows_ / 100, most_evicted);
  const int forgot = run_all(forget, std::numeric_limits<std::int64_t>::max(), excess);
  rows_ -= sqlite3_changes(database_.get());
  return forgot;
}

// Makes a new file when there is none any more, or it is broken.
bool ShelfFile::is_open() {
  int moved = 0;
  if (database_) sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved) database_.reset();
  if (database_ || given_up_) return !given_up_;
  const Status directory = base::refuse_world_writable(base::directory_of(path_));
  int code = directory ? open() : SQLITE_CANTOPEN;
  if (is_broken(code)) {
    start_anew();
    code = open();
  }
  if (code == SQLITE_OK) return true;
  const std::string problem =
      !directory           ? directory.error().text
      : code == a_stranger ? cat(path_, ": everybody can write to it, or it is of something else")
                           : cat(path_, ": ", sqlite3_errmsg(database_.get()));
  database_.reset();
  given_up_ = !passes(code);
  if (!std::exchange(in_trouble_, true))
    base::log::warning(cat("registry cache ", problem, ": nothing is kept across restarts"));
  return false;
}

int ShelfFile::open() {
  sqlite3* opened = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) return code;
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, busy_time);
  std::int64_t id = 0, tables = 0;
  code = number("PRAGMA application_id", id);
  if (code == SQLITE_OK) code = number("SELECT count(*) FROM sqlite_master", tables);
  if (code != SQLITE_OK) return code;
  if ((tables > 0 && id != application_id) || !base::refuse_world_writable(path_))
    return a_stranger;
  code = execute(pragmas);
  if (code == SQLITE_OK) code = execute(schema);
  rows_ = 0;
  const auto take = [&](const Statement& row) {
    keys_.add(row.text(0));
    rows_++;
  };
  if (code == SQLITE_OK) code = run("SELECT key FROM shelf", take);
  if (code == SQLITE_OK) keys_.complete();
  std::int64_t flushed = 0;
  if (code == SQLITE_OK) code = number("SELECT value FROM shelf WHERE key = ''", flushed);
  constexpr std::int64_t end = 9'000'000'000'000;  // of what a Time can be, about
  const bool is_good = flushed > 0 && flushed < end;
  flushed_ = is_good ? Shelf::Time(std::chrono::milliseconds(flushed)) : Shelf::Time();
  return code;
}

void ShelfFile::start_anew() {
  const std::string aside = path_ + ".broken";
  database_.reset();
  std::rename(path_.c_str(), aside.c_str());
  for (const char* tail : {"-wal", "-shm"}) unlink((path_ + tail).c_str());
  base::log::warning(cat("registry cache ", path_, ": is broken: now ", aside, ", begun anew"));
}

bool ShelfFile::succeeded(int code, const std::string& problem) {
  if (code == SQLITE_OK) return true;
  if (is_broken(code))
    start_anew();
  else if (!std::exchange(in_trouble_, true))
    base::log::warning(cat("registry cache ", path_, ": ", problem));
  return false;
}

}  // namespace facts
