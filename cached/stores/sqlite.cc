// See sqlite.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/sqlite.h"

#include <sqlite3.h>
#include <unistd.h>

#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/stores/sqlite_connection_log.h"
#include "cached/stores/sqlite_session.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

constexpr char schema[] =
#include "sqlite_schema.inc"
    ;

// For a file of before there was a result; the schema then makes what is gone here.
constexpr char add_result[] =
    "BEGIN IMMEDIATE;"
    "ALTER TABLE log ADD COLUMN result TEXT NOT NULL DEFAULT 'permit';"
    "ALTER TABLE log ADD COLUMN reason TEXT; ALTER TABLE log ADD COLUMN rule TEXT;"
    "ALTER TABLE log ADD COLUMN host TEXT; ALTER TABLE log ADD COLUMN session TEXT;"
    "DROP INDEX IF EXISTS log_pwid; DROP VIEW IF EXISTS app_passwords_with_log;"
    "COMMIT";

// For what must not be lost with the power: a revocation above all. The log table has NORMAL.
constexpr char sync_each_commit[] = "PRAGMA synchronous=FULL";

// Nothing when the password's row has gone meanwhile.
constexpr char insert_use[] =
    "INSERT INTO log (pwid, service, src_ip, src_rdns, src_loc, src_isp, timestamp, result, "
    "reason, rule, host, session) SELECT p.id, nullif(?2, ''), nullif(?3, ''), nullif(?4, ''), "
    "nullif(?5, ''), nullif(?6, ''), ?7, ?8, nullif(?9, ''), nullif(?10, ''), nullif(?11, ''), "
    "nullif(?12, '') FROM app_passwords AS p WHERE p.id = ?1";
constexpr char unless_there[] =
    " AND NOT EXISTS (SELECT 1 FROM log AS l WHERE l.pwid = p.id AND l.result = ?8 AND "
    "l.timestamp = ?7 AND l.service IS nullif(?2, '') AND l.src_ip IS nullif(?3, '') AND "
    "l.host IS nullif(?11, ''))";

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(std::unique_ptr<SqliteSession> session)
      : session_(std::move(session)), connection_log_(*session_) {}

  bool is_stale() override { return session_->is_stale(); }

  // The tables as they are now, made or brought up to date.
  Status make_tables() {
    bool is_old = false;
    std::unique_ptr<Statement> look;
    auto columns =
        session_->use(look,
                      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'log' AND NOT "
                      "EXISTS (SELECT 1 FROM pragma_table_info('log') WHERE name = 'result')");
    if (!columns) return columns.error();
    Status status = session_->each_row(**columns, [&](const Statement&) { is_old = true; });
    if (status && is_old) status = session_->execute(add_result);
    return status ? session_->execute(schema) : status;
  }

  Result<std::vector<AppPassword>> passwords_of(std::string_view user, std::size_t limit) override {
    auto query =
        session_->use(passwords_of_,
                      "SELECT id, password, comment, deleted IS NOT NULL FROM app_passwords "
                      "WHERE uid = ?1 LIMIT ?2");
    if (!query) return query.error();
    (*query)->bind(1, user);
    (*query)->bind(2, static_cast<std::int64_t>(limit));
    std::vector<AppPassword> rows;
    const Status status = session_->each_row(**query, [&](const Statement& row) {
      rows.push_back({row.number(0), row.text(1), row.text(2), row.number(3) != 0});
    });
    if (!status) return status.error();
    sort_newest_first(rows);
    return rows;
  }

  Result<std::vector<std::int64_t>> by_last_use(std::string_view user, std::size_t limit) override {
    auto query = session_->use(by_last_use_,
                               "SELECT id FROM app_passwords AS p WHERE uid = ?1 ORDER BY "
                               "(SELECT id FROM log WHERE pwid = p.id AND result = 'permit' "
                               "ORDER BY timestamp DESC, id DESC LIMIT 1) DESC, id DESC LIMIT ?2");
    if (!query) return query.error();
    (*query)->bind(1, user);
    (*query)->bind(2, static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> ids;
    const Status status =
        session_->each_row(**query, [&](const Statement& row) { ids.push_back(row.number(0)); });
    if (!status) return status.error();
    return ids;
  }

  Status record(std::span<const Use> uses) override {
    Status status = session_->begin();
    for (const Use& use : uses)
      if (status) status = record_one(use);
    return session_->end(std::move(status));
  }

  Status record_attempts(std::span<const Attempts> rows) override {
    return connection_log_.record(rows);
  }

  Result<std::int64_t> purge_attempts(std::int64_t before) override {
    return connection_log_.purge(before);
  }

  Result<std::vector<Listed>> list(std::string_view user) override {
    auto query = session_->use(list_,
                               "SELECT id, created, deleted, last_used_timestamp, comment "
                               "FROM app_passwords_with_log WHERE uid = ?1 ORDER BY id");
    if (!query) return query.error();
    (*query)->bind(1, user);
    std::vector<Listed> rows;
    const Status status = session_->each_row(**query, [&](const Statement& row) {
      rows.push_back({row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    });
    if (!status) return status.error();
    return rows;
  }

  Result<std::int64_t> add(std::string_view user, std::string_view hash,
                           std::string_view comment) override {
    const Status durable = session_->execute(sync_each_commit);
    if (!durable) return durable.error();
    auto insert = session_->use(add_,
                                "INSERT INTO app_passwords (uid, password, comment) "
                                "VALUES (?1, ?2, nullif(?3, ''))");
    if (!insert) return insert.error();
    (*insert)->bind(1, user);
    (*insert)->bind(2, hash);
    (*insert)->bind(3, comment);
    const Status status = session_->run(**insert);
    if (!status) return status.error();
    return session_->inserted_id();
  }

  Result<bool> revoke(std::int64_t id) override {
    const Status durable = session_->execute(sync_each_commit);
    if (!durable) return durable.error();
    auto update =
        session_->use(revoke_,
                      "UPDATE app_passwords SET deleted = strftime('%Y-%m-%d %H:%M:%S', 'now') "
                      "WHERE id = ?1 AND deleted IS NULL");
    if (!update) return update.error();
    (*update)->bind(1, id);
    const Status status = session_->run(**update);
    if (!status) return status.error();
    return session_->changed_rows() == 1;
  }

 private:
  // Two statements: to look into the table that it writes to, SQLite makes one more.
  Status record_one(const Use& row) {
    auto insert = row.may_be_there ? session_->use(again_, cat(insert_use, unless_there).c_str())
                                   : session_->use(one_, insert_use);
    if (!insert) return insert.error();
    (*insert)->bind(1, row.password_id);
    int at = 2;
    for (const std::string* text :
         {&row.service, &row.remote_ip, &row.reverse_name, &row.location, &row.isp, &row.time,
          &row.result, &row.reason, &row.rule, &row.host, &row.session})
      (*insert)->bind(at++, *text);
    return session_->run(**insert);
  }

  const std::unique_ptr<SqliteSession> session_;  // the first: statements are closed before it
  SqliteConnectionLog connection_log_;
  std::unique_ptr<Statement> passwords_of_, by_last_use_, one_, again_, list_, add_, revoke_;
};

}  // namespace

Status prepare_sqlite(const DatabaseOptions& options) {
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS,
                 0);  // a lock at every allocation, for figures nobody reads
  if (access(options.path.c_str(), F_OK) != 0)
    base::log::warning(cat("database ", options.path, ": making a new one, without any user"));
  auto session = SqliteSession::open(options, SQLITE_OPEN_CREATE);
  if (!session) return session.error();
  return SqliteConnection(std::move(*session)).make_tables();
}

Result<std::vector<std::string>> sqlite_hosts(const DatabaseOptions& options) {
  return std::vector<std::string>{options.path};
}

Result<std::unique_ptr<Connection>> connect_sqlite(const DatabaseOptions& options, std::size_t) {
  auto session = SqliteSession::open(options, 0);
  if (!session) return session.error();
  return std::unique_ptr<Connection>(std::make_unique<SqliteConnection>(std::move(*session)));
}

}  // namespace stores
