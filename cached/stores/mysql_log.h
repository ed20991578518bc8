// The log table of a MySQL or MariaDB, ours or the predecessor's, on one connection.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cached/base/result.h"
#include "cached/stores/mysql_session.h"
#include "cached/stores/store.h"

namespace stores {

class MysqlLog {
 public:
  explicit MysqlLog(MysqlSession& session) : session_(session) {}

  // As Connection::record.
  base::Status record(std::span<const Use> uses);

  // `FROM log WHERE ...`: the uses of `p.id` that were let in.
  base::Result<std::string> uses();

  // A subquery: what tells the newest of them, in one step.
  base::Result<std::string> newest_use();

 private:
  base::Status find_columns();
  base::Status record_many(std::span<const Use* const> uses);
  base::Status record_one(const Use& use);
  void bind(MysqlStatement& statement, const Use& use) const;

  MysqlSession& session_;
  std::optional<bool> has_results_;  // whether the table has our columns; not known yet
  std::string newest_use_;
  std::unique_ptr<MysqlStatement> many_, one_, again_;
};

}  // namespace stores
