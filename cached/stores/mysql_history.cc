// See mysql_history.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_history.h"

#include <mysql/mysqld_error.h>

#include "cached/stores/mysql_session.h"
#include "cached/stores/past_row.h"

namespace stores {
namespace {

using base::Result;

// A table or a column is not there, or not for us.
constexpr unsigned not_there[] = {ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR, ER_TABLEACCESS_DENIED_ERROR,
                                  ER_COLUMNACCESS_DENIED_ERROR};

class MysqlHistory final : public History {
 public:
  explicit MysqlHistory(std::unique_ptr<MysqlSession> session) : session_(std::move(session)) {}

 protected:
  Result<bool> can(std::string_view sql) override {
    std::unique_ptr<MysqlStatement> trial;
    const auto query = session_->use(trial, sql);
    if (!query && !session_->failed_with(not_there)) return query.error();
    return static_cast<bool>(query);
  }

  Result<std::vector<PastRow>> rows(const std::string& sql, std::int64_t id,
                                    std::size_t limit) override {
    auto query = session_->use(rows_[sql], sql);
    if (!query) return query.error();
    (*query)->bind(id);
    (*query)->bind(static_cast<std::int64_t>(limit));
    std::vector<PastRow> found;
    const auto status = session_->each_row(
        **query, [&](MysqlStatement& row) { found.push_back(past_row<unsigned>(row)); });
    if (!status) return status.error();
    return found;
  }

  Result<std::int64_t> number(const std::string& sql) override {
    std::unique_ptr<MysqlStatement> statement;
    auto query = session_->use(statement, sql);
    if (!query) return query.error();
    std::int64_t found = 0;
    const auto status =
        session_->each_row(**query, [&](MysqlStatement& row) { found = row.number(0); });
    if (!status) return status.error();
    return found;
  }

  std::string_view utc_of_datetime() const override {
    return "convert_tz(l.datetime, @@global.time_zone, '+00:00')";
  }

 private:
  const std::unique_ptr<MysqlSession> session_;  // the first: statements are closed before it
  std::map<std::string, std::unique_ptr<MysqlStatement>> rows_;
};

}  // namespace

Result<std::unique_ptr<History>> open_mysql_history(const DatabaseOptions& options,
                                                    std::size_t host) {
  auto session = MysqlSession::open(options, host);
  if (!session) return session.error();
  return std::unique_ptr<History>(std::make_unique<MysqlHistory>(std::move(*session)));
}

}  // namespace stores
