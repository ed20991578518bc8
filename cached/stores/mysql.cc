// See mysql.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql.h"

#include <mysql/mysqld_error.h>

#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/stores/mysql_access.h"
#include "cached/stores/mysql_session.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

// What is wrong with one row of the log, whenever and wherever it is written.
constexpr unsigned row_troubles[] = {
    ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_TRUNCATED_WRONG_VALUE, ER_DATA_TOO_LONG,
    ER_WARN_DATA_OUT_OF_RANGE,          ER_BAD_NULL_ERROR,        ER_NO_REFERENCED_ROW_2};

// Log rows in one statement.
constexpr std::size_t at_once = 50;

// As a column of utf8mb4 can hold it, whatever bytes it is made of.
std::string storable(const std::string& text) { return base::printable(text); }

class MysqlConnection final : public Connection {
 public:
  explicit MysqlConnection(std::unique_ptr<MysqlSession> session) : session_(std::move(session)) {}

  bool is_stale() override { return session_->is_stale(); }

  Result<std::vector<AppPassword>> passwords_of(std::string_view user, std::size_t limit) override {
    auto query =
        session_->use(passwords_of_,
                      "SELECT id, password, comment, deleted IS NOT NULL, uid FROM app_passwords "
                      "WHERE uid = ? ORDER BY deleted IS NOT NULL, id DESC LIMIT ?");
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
    return rows;
  }

  Result<std::vector<std::int64_t>> by_last_use(std::string_view user, std::size_t limit) override {
    const Status newest = find_newest();
    if (!newest) return newest.error();
    auto query =
        session_->use(by_last_use_, cat("SELECT id FROM app_passwords AS p WHERE uid = ? ORDER BY "
                                        "(SELECT ",
                                        newest_,
                                        " FROM log WHERE pwid = p.id "
                                        "ORDER BY pwid DESC, ",
                                        newest_, " DESC LIMIT 1) DESC, id DESC LIMIT ?"));
    if (!query) return query.error();
    (*query)->bind(user);
    (*query)->bind(static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> ids;
    const Status status =
        session_->each_row(**query, [&](MysqlStatement& row) { ids.push_back(row.number(0)); });
    if (!status) return status.error();
    return ids;
  }

  // Many rows in a statement are seven times as fast as a statement for each.
  Status record(std::span<const Use> uses) override {
    Status status = session_->execute("START TRANSACTION");
    while (status && !uses.empty()) {
      const auto many = uses.first(uses.size() < at_once ? 1 : at_once);
      uses = uses.subspan(many.size());
      status = many.size() == 1 ? record_one(many.front()) : record_many(many);
    }
    return status ? session_->execute("COMMIT") : status;
  }

  Result<std::vector<Listed>> list(std::string_view user) override {
    auto query = session_->use(
        list_,
        "SELECT id, CAST(created AS CHAR), CAST(deleted AS CHAR), "
        "(SELECT CAST(max(timestamp) AS CHAR) FROM log WHERE pwid = p.id), comment, uid "
        "FROM app_passwords AS p WHERE uid = ? ORDER BY id");
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
  // Which column tells a password's newest log row in one step: an old site has an index on
  // (pwid), which ends in the id, and a new one on (pwid, timestamp). With the other one (or with
  // max()) the server would read all log rows of the password at each login.
  Status find_newest() {
    if (!newest_.empty()) return Done{};
    std::unique_ptr<MysqlStatement> show;
    auto index = session_->use(
        show,
        "SELECT 1 FROM information_schema.statistics AS a JOIN information_schema.statistics "
        "AS b USING (table_schema, table_name, index_name) WHERE table_schema = database() AND "
        "table_name = 'log' AND a.column_name = 'pwid' AND a.seq_in_index = 1 AND "
        "b.column_name = 'timestamp' AND b.seq_in_index = 2");
    if (!index) return index.error();
    std::string found = "id";
    const Status status =
        session_->each_row(**index, [&](MysqlStatement&) { found = "timestamp"; });
    if (status) newest_ = found;
    return status;
  }

  Status record_many(std::span<const Use> uses) {
    constexpr std::string_view row = "(?, nullif(left(?, 255), ''), nullif(?, ''), ?)";
    std::string sql = cat("INSERT INTO log (pwid, service, src_ip, timestamp) VALUES ", row);
    for (std::size_t i = 1; i < at_once; i++) sql += cat(", ", row);
    auto insert = session_->use(record_many_, sql);
    if (!insert) return insert.error();
    std::vector<std::string> texts;  // what is bound stays where it is
    texts.reserve(2 * uses.size());
    for (const Use& use : uses) {
      (*insert)->bind(use.password_id);
      (*insert)->bind(texts.emplace_back(storable(use.service)));
      (*insert)->bind(texts.emplace_back(storable(use.remote_ip)));
      (*insert)->bind(use.time);
    }
    Status status = session_->run(**insert);
    if (status || !session_->failed_with(row_troubles)) return status;
    status = Done{};
    for (const Use& use : uses)
      if (status) status = record_one(use);
    return status;
  }

  Status record_one(const Use& use) {
    auto insert = session_->use(
        record_one_,
        "INSERT INTO log (pwid, service, src_ip, timestamp) "
        "SELECT id, nullif(left(?, 255), ''), nullif(?, ''), ? FROM app_passwords WHERE id = ?");
    if (!insert) return insert.error();
    const std::string service = storable(use.service), remote_ip = storable(use.remote_ip);
    (*insert)->bind(service);
    (*insert)->bind(remote_ip);
    (*insert)->bind(use.time);
    (*insert)->bind(use.password_id);
    const Status status = session_->run(**insert);
    if (status || !session_->failed_with(row_troubles)) return status;
    // The others are not kept waiting for what can never be written.
    base::log::error(cat(status.error().text, ": this login is left out of the log table: ",
                         "app password ", use.password_id, " from ", remote_ip));
    return Done{};
  }

  const std::unique_ptr<MysqlSession> session_;  // the first: statements are closed before it
  std::string newest_;
  std::unique_ptr<MysqlStatement> passwords_of_, by_last_use_, record_one_, record_many_, list_,
      add_, revoke_;
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
