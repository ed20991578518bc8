// An open SQLite file. It notices when the file has been replaced (a restored backup) and then
// reports an error, so that the pool opens the new one.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/stores/sqlite_statement.h"

namespace stores {

class SqliteSession {
 public:
  using Options = decltype(config::Options::database);

  // `flags`: SQLITE_OPEN_CREATE, or 0. Refuses a file or directory that everybody can write to.
  static base::Result<std::unique_ptr<SqliteSession>> open(const Options& options, int flags);

  SqliteSession(const Options& options, SqliteHandle database);
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  bool is_stale() const;
  base::Status execute(const char* sql);
  base::Status begin() { return execute("BEGIN IMMEDIATE"); }
  base::Status end(base::Status status);  // commits, or undoes it all; what came of it

  // The statement, prepared at its first use; an error when the file is not the one opened. With
  // it query_time begins, in which it has to be run too.
  base::Result<Statement*> use(std::unique_ptr<Statement>& statement, const char* sql);

  base::Status run(Statement& statement) {
    return each_row(statement, [](const Statement&) {});
  }

  template <class F>
  base::Status each_row(Statement& statement, F f) {
    int step;
    while ((step = statement.step()) == SQLITE_ROW) f(statement);
    const auto status = step == SQLITE_DONE ? base::Status(base::Done{}) : base::Status(failure());
    statement.reset();
    return status;
  }

  std::int64_t inserted_id() const { return sqlite3_last_insert_rowid(database_.get()); }
  std::int64_t changed_rows() const { return sqlite3_changes(database_.get()); }

 private:
  using Clock = std::chrono::steady_clock;

  base::Status set_up();
  bool cannot_open() const;     // what has just failed did so because of that
  base::Error failure() const;  // names the file and what SQLite says
  void start() { deadline_ = Clock::now() + query_time_; }

  const std::string path_;
  const std::chrono::milliseconds query_time_;
  SqliteHandle database_;
  Clock::time_point deadline_{};
};

}  // namespace stores
