// See sqlite_history.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/sqlite_history.h"

#include <sqlite3.h>

#include "cached/base/text.h"
#include "cached/stores/past_row.h"
#include "cached/stores/sqlite_statement.h"

namespace stores {
namespace {

using base::cat;
using base::Error;
using base::Result;

class SqliteHistory final : public History {
 public:
  SqliteHistory(std::string path, SqliteHandle database)
      : path_(std::move(path)), database_(std::move(database)) {}

 protected:
  Result<bool> can(std::string_view sql) override {
    if (const Statement trial(database_.get(), std::string(sql).c_str()); trial) return true;
    // A table or a column is not there.
    if (sqlite3_errcode(database_.get()) == SQLITE_ERROR) return false;
    return failure();
  }

  Result<std::vector<PastRow>> rows(const std::string& sql, std::int64_t id,
                                    std::size_t limit) override {
    auto& statement = statements_.try_emplace(sql, database_.get(), sql.c_str()).first->second;
    if (!statement) return failure();
    statement.bind(1, id);
    statement.bind(2, static_cast<std::int64_t>(limit));
    std::vector<PastRow> found;
    int step;
    while ((step = statement.step()) == SQLITE_ROW) found.push_back(past_row<int>(statement));
    if (step != SQLITE_DONE) return failure();
    statement.reset();
    return found;
  }

  Result<std::int64_t> number(const std::string& sql) override {
    Statement statement(database_.get(), sql.c_str());
    if (!statement || statement.step() != SQLITE_ROW) return failure();
    return statement.number(0);
  }

  std::string_view utc_of_datetime() const override { return "l.datetime"; }

 private:
  Error failure() const {
    return Error{cat("database ", path_, ": ", sqlite3_errmsg(database_.get()))};
  }

  const std::string path_;
  const SqliteHandle database_;
  std::map<std::string, Statement> statements_;
};

}  // namespace

Result<std::unique_ptr<History>> open_sqlite_history(const DatabaseOptions& options) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(options.path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  SqliteHandle database(opened);
  if (result != SQLITE_OK)
    return Error{cat("database ", options.path, ": ",
                     opened ? sqlite3_errmsg(opened) : sqlite3_errstr(result))};
  sqlite3_busy_timeout(opened, static_cast<int>(options.query_time.count()));
  return std::unique_ptr<History>(
      std::make_unique<SqliteHistory>(options.path, std::move(database)));
}

}  // namespace stores
