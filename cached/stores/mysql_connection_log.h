// The connection_log table of a MySQL or MariaDB, ours or the predecessor's with our columns, on
// one connection.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cached/base/result.h"
#include "cached/stores/attempts.h"
#include "cached/stores/mysql_session.h"

namespace stores {

class MysqlConnectionLog {
 public:
  explicit MysqlConnectionLog(MysqlSession& session) : session_(session) {}

  // As Connection::record_attempts and purge_attempts.
  base::Status record(std::span<const Attempts> rows);
  base::Result<std::int64_t> purge(std::int64_t before);

 private:
  base::Status look();
  base::Status write(std::span<const Attempts> rows);
  base::Status write_alone(const Attempts& row);
  base::Status insert(std::unique_ptr<MysqlStatement>& statement, std::span<const Attempts> rows);
  base::Result<std::vector<std::int64_t>> oldest(std::int64_t before);
  base::Error explained(const base::Error& error) const;

  MysqlSession& session_;
  bool is_known_ = false;  // the table, the columns and the key are there
  std::unique_ptr<MysqlStatement> many_, one_, oldest_, remove_;
};

}  // namespace stores
