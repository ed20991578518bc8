// See sqlite_session.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/sqlite_session.h"

#include <thread>

#include "cached/base/files.h"
#include "cached/base/text.h"

namespace stores {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

namespace {

constexpr char pragmas[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
    "PRAGMA trusted_schema=OFF;";

Status refuse_world_writable(const std::string& path) {
  const Status status = base::refuse_world_writable(path);
  if (!status) return Error{cat("database ", status.error().text)};
  return Done{};
}

}  // namespace

Result<std::unique_ptr<SqliteSession>> SqliteSession::open(const Options& options, int flags) {
  const Status directory = refuse_world_writable(base::directory_of(options.path));
  if (!directory) return directory.error();
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(options.path.c_str(), &opened,
                                     flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteHandle database(opened);
  if (result != SQLITE_OK)
    return Error{cat("database ", options.path, ": ",
                     opened ? sqlite3_errmsg(opened) : sqlite3_errstr(result))};
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(options.query_time.count()));
  const Status file = refuse_world_writable(options.path);
  if (!file) return file.error();
  auto session = std::make_unique<SqliteSession>(options, std::move(database));
  const Status ready = session->set_up();
  if (!ready) return ready.error();
  return session;
}

// When root opens the file it makes -wal and -shm, and gives them to the owner a moment later.
Status SqliteSession::set_up() {
  constexpr std::chrono::milliseconds moment{5};
  constexpr int most_tries = 10;
  Status status = execute(pragmas);
  for (int tries = 1; tries < most_tries && !status && cannot_open(); tries++) {
    std::this_thread::sleep_for(moment);
    status = execute(pragmas);
  }
  return status;
}

bool SqliteSession::cannot_open() const {
  constexpr int primary = 0xff;  // of an extended result code
  return (sqlite3_errcode(database_.get()) & primary) == SQLITE_CANTOPEN;
}

SqliteSession::SqliteSession(const Options& options, SqliteHandle database)
    : path_(options.path), query_time_(options.query_time), database_(std::move(database)) {
  sqlite3_progress_handler(
      database_.get(), 10000,
      [](void* self) { return int(Clock::now() > static_cast<SqliteSession*>(self)->deadline_); },
      this);
}

bool SqliteSession::is_stale() const {
  int moved = 0;
  sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

Error SqliteSession::failure() const {
  return Error{cat("database ", path_, ": ", sqlite3_errmsg(database_.get()))};
}

Status SqliteSession::execute(const char* sql) {
  start();
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return Done{};
}

Status SqliteSession::end(Status status) {
  if (status) status = execute("COMMIT");
  if (!status && !sqlite3_get_autocommit(database_.get()))
    static_cast<void>(execute("ROLLBACK"));  // the first error is the one to tell
  return status;
}

Result<Statement*> SqliteSession::use(std::unique_ptr<Statement>& statement, const char* sql) {
  start();
  if (is_stale()) return Error{cat("database ", path_, ": the file has been removed or replaced")};
  if (!statement) statement = std::make_unique<Statement>(database_.get(), sql);
  if (*statement) return statement.get();
  statement.reset();
  return failure();
}

}  // namespace stores
