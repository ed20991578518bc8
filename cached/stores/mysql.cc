// See mysql.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql.h"

#include <mysql/mysqld_error.h>

#include "cached/base/text.h"
#include "cached/stores/mysql_access.h"
#include "cached/stores/mysql_connection_log.h"
#include "cached/stores/mysql_log.h"
#include "cached/stores/mysql_session.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

class MysqlConnection final : public Connection {
 public:
  explicit MysqlConnection(std::unique_ptr<MysqlSession> session)
      : session_(std::move(session)), log_(*session_), connection_log_(*session_) {}

  bool is_stale() override { return session_->is_stale(); }

  Result<std::vector<AppPassword>> passwords_of(std::string_view user, std::size_t limit) override {
    auto query =
        session_->use(passwords_of_,
                      "SELECT id, password, comment, deleted IS NOT NULL, uid FROM app_passwords "
                      "WHERE uid = ? LIMIT ?");
    if (!query) return query.error();
    std::vector<AppPassword> rows;
    if (!base::is_utf8(user)) return rows;  // no uid; the server might not even take it
    (*query)->bind(user);
    (*query)->bind(static_cast<std::int64_t>(limit));
    std::size_t others = 0;
    const Status status = session_->each_row(**query, [&](MysqlStatement& row) {
      // Collations hold more for equal than the case of letters: accents, blanks at the end.
      if (base::equals_ignoring_case(row.text(4), user))
        rows.push_back({row.number(0), row.text(1), row.text(2), row.number(3) != 0});
      else
        others++;
    });
    // A column of another character set cannot hold the name.
    if (!status && session_->code() == ER_CANT_AGGREGATE_2COLLATIONS && !base::is_ascii(user))
      return rows;
    if (!status) return status.error();
    if (others > 0 && rows.size() + others >= limit)
      return Error{cat("database ", session_->server(), ": too many rows of names like <",
                       base::printable(user), ">")};
    sort_newest_first(rows);
    return rows;
  }

  Result<std::vector<std::int64_t>> by_last_use(std::string_view user, std::size_t limit) override {
    const auto newest_use = log_.newest_use();
    if (!newest_use) return newest_use.error();
    auto query = session_->use(
        by_last_use_, cat("SELECT id FROM app_passwords AS p WHERE uid = ? ORDER BY (", *newest_use,
                          ") DESC, id DESC LIMIT ?"));
    if (!query) return query.error();
    (*query)->bind(user);
    (*query)->bind(static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> ids;
    const Status status =
        session_->each_row(**query, [&](MysqlStatement& row) { ids.push_back(row.number(0)); });
    if (!status) return status.error();
    return ids;
  }

  Status record(std::span<const Use> uses) override { return log_.record(uses); }

  Status record_attempts(std::span<const Attempts> rows) override {
    return connection_log_.record(rows);
  }

  Result<std::int64_t> purge_attempts(std::int64_t before) override {
    return connection_log_.purge(before);
  }

  Result<std::vector<Listed>> list(std::string_view user) override {
    const auto uses = log_.uses();
    if (!uses) return uses.error();
    auto query = session_->use(
        list_, cat("SELECT id, CAST(created AS CHAR), CAST(deleted AS CHAR), "
                   "(SELECT CAST(max(timestamp) AS CHAR) ",
                   *uses, "), comment, uid FROM app_passwords AS p WHERE uid = ? ORDER BY id"));
    if (!query) return query.error();
    (*query)->bind(user);
    std::vector<Listed> rows;
    const Status status = session_->each_row(**query, [&](MysqlStatement& row) {
      if (base::equals_ignoring_case(row.text(5), user))
        rows.push_back({row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    });
    if (!status) return status.error();
    return rows;
  }

  Result<std::int64_t> add(std::string_view user, std::string_view hash,
                           std::string_view comment) override {
    auto insert = session_->use(
        add_, "INSERT INTO app_passwords (uid, password, comment) VALUES (?, ?, nullif(?, ''))");
    if (!insert) return insert.error();
    (*insert)->bind(user);
    (*insert)->bind(hash);
    (*insert)->bind(comment);
    const Status status = session_->run(**insert);
    if (!status) return status.error();
    return (*insert)->inserted_id();
  }

  Result<bool> revoke(std::int64_t id) override {
    auto update = session_->use(revoke_,
                                "UPDATE app_passwords SET deleted = utc_timestamp() "
                                "WHERE id = ? AND deleted IS NULL");
    if (!update) return update.error();
    (*update)->bind(id);
    const Status status = session_->run(**update);
    if (!status) return status.error();
    return (*update)->changed_rows() == 1;
  }

 private:
  const std::unique_ptr<MysqlSession> session_;  // the first: statements are closed before it
  MysqlLog log_;
  MysqlConnectionLog connection_log_;
  std::unique_ptr<MysqlStatement> passwords_of_, by_last_use_, list_, add_, revoke_;
};

}  // namespace

Result<std::vector<std::string>> mysql_hosts(const DatabaseOptions& options) {
  const auto access = mysql_access(options);
  if (!access) return access.error();
  std::vector<std::string> names;
  for (const MysqlServer& server : access->servers) names.push_back(server.name);
  return names;
}

Status prepare_mysql(const DatabaseOptions&) {
  if (mysql_library_init(0, nullptr, nullptr) != 0) return Error{"the MySQL client library"};
  return Done{};
}

Result<std::unique_ptr<Connection>> connect_mysql(const DatabaseOptions& options,
                                                  std::size_t host) {
  auto session = MysqlSession::open(options, host);
  if (!session) return session.error();
  return std::unique_ptr<Connection>(std::make_unique<MysqlConnection>(std::move(*session)));
}

}  // namespace stores
