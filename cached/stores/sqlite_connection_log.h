// The connection_log table of a SQLite file, on one connection.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <span>

#include "cached/base/result.h"
#include "cached/stores/attempts.h"
#include "cached/stores/sqlite_session.h"

namespace stores {

class SqliteConnectionLog {
 public:
  explicit SqliteConnectionLog(SqliteSession& session) : session_(session) {}

  // As Connection::record_attempts and purge_attempts.
  base::Status record(std::span<const Attempts> rows);
  base::Result<std::int64_t> purge(std::int64_t before);

 private:
  base::Status write(const Attempts& row);

  SqliteSession& session_;
  std::unique_ptr<Statement> write_, purge_;
};

}  // namespace stores
