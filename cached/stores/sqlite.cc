// See sqlite.h. A connection notices when its file has been replaced (a restored backup) and then
// reports an error, so that the pool opens the new one.
// SPDX-License-Identifier: MIT

#include "cached/stores/sqlite.h"

#include <sqlite3.h>
#include <unistd.h>
#include <chrono>

#include "cached/base/files.h"
#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/stores/sqlite_statement.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

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

Status refuse_world_writable(const std::string& path) {
  const Status status = base::refuse_world_writable(path);
  if (!status) return Error{cat("database ", status.error().text)};
  return Done{};
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const DatabaseOptions& options, SqliteHandle database)
      : path_(options.path), query_time_(options.query_time), database_(std::move(database)) {
    sqlite3_progress_handler(
        database_.get(), 10000,
        [](void* self) {
          return int(Clock::now() > static_cast<SqliteConnection*>(self)->deadline_);
        },
        this);
  }

  // Everything that may fail once; the constructor is for what cannot.
  Status set_up() {
    constexpr char pragmas[] =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA trusted_schema=OFF;";
    return execute(pragmas);
  }

  bool is_stale() override {
    int moved = 0;
    sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
  }

  // The tables as they are now, made or brought up to date.
  Status make_tables() {
    bool is_old = false;
    std::unique_ptr<Statement> look;
    auto columns = use(look,
                       "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'log' AND NOT "
                       "EXISTS (SELECT 1 FROM pragma_table_info('log') WHERE name = 'result')");
    if (!columns) return columns.error();
    Status status = each_row(**columns, [&](const Statement&) { is_old = true; });
    if (status && is_old) status = execute(add_result);
    return status ? execute(schema) : status;
  }

  Status execute(const char* sql) {
    start();
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      return failure();
    return Done{};
  }

  Result<std::vector<AppPassword>> passwords_of(std::string_view user, std::size_t limit) override {
    auto query = use(passwords_of_,
                     "SELECT id, password, comment, deleted IS NOT NULL FROM app_passwords "
                     "WHERE uid = ?1 ORDER BY deleted IS NOT NULL, id DESC LIMIT ?2");
    if (!query) return query.error();
    (*query)->bind(1, user);
    (*query)->bind(2, static_cast<std::int64_t>(limit));
    std::vector<AppPassword> rows;
    const Status status = each_row(**query, [&](const Statement& row) {
      rows.push_back({row.number(0), row.text(1), row.text(2), row.number(3) != 0});
    });
    if (!status) return status.error();
    return rows;
  }

  Result<std::vector<std::int64_t>> by_last_use(std::string_view user, std::size_t limit) override {
    auto query = use(by_last_use_,
                     "SELECT id FROM app_passwords AS p WHERE uid = ?1 ORDER BY "
                     "(SELECT id FROM log WHERE pwid = p.id AND result = 'permit' "
                     "ORDER BY timestamp DESC, id DESC LIMIT 1) DESC, id DESC LIMIT ?2");
    if (!query) return query.error();
    (*query)->bind(1, user);
    (*query)->bind(2, static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> ids;
    const Status status =
        each_row(**query, [&](const Statement& row) { ids.push_back(row.number(0)); });
    if (!status) return status.error();
    return ids;
  }

  Status record(std::span<const Use> uses) override {
    Status status = execute("BEGIN IMMEDIATE");
    for (const Use& use : uses)
      if (status) status = record_one(use);
    if (status) status = execute("COMMIT");
    if (!status && !sqlite3_get_autocommit(database_.get()))
      static_cast<void>(execute("ROLLBACK"));  // the first error is the one to tell
    return status;
  }

  Result<std::vector<Listed>> list(std::string_view user) override {
    auto query = use(list_,
                     "SELECT id, created, deleted, last_used_timestamp, comment "
                     "FROM app_passwords_with_log WHERE uid = ?1 ORDER BY id");
    if (!query) return query.error();
    (*query)->bind(1, user);
    std::vector<Listed> rows;
    const Status status = each_row(**query, [&](const Statement& row) {
      rows.push_back({row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    });
    if (!status) return status.error();
    return rows;
  }

  Result<std::int64_t> add(std::string_view user, std::string_view hash,
                           std::string_view comment) override {
    const Status durable = execute(sync_each_commit);
    if (!durable) return durable.error();
    auto insert = use(add_,
                      "INSERT INTO app_passwords (uid, password, comment) "
                      "VALUES (?1, ?2, nullif(?3, ''))");
    if (!insert) return insert.error();
    (*insert)->bind(1, user);
    (*insert)->bind(2, hash);
    (*insert)->bind(3, comment);
    const Status status = each_row(**insert, [](const Statement&) {});
    if (!status) return status.error();
    return sqlite3_last_insert_rowid(database_.get());
  }

  Result<bool> revoke(std::int64_t id) override {
    const Status durable = execute(sync_each_commit);
    if (!durable) return durable.error();
    auto update = use(revoke_,
                      "UPDATE app_passwords SET deleted = strftime('%Y-%m-%d %H:%M:%S', 'now') "
                      "WHERE id = ?1 AND deleted IS NULL");
    if (!update) return update.error();
    (*update)->bind(1, id);
    const Status status = each_row(**update, [](const Statement&) {});
    if (!status) return status.error();
    return sqlite3_changes(database_.get()) == 1;
  }

 private:
  Status record_one(const Use& row) {
    auto insert =
        use(record_,
            "INSERT INTO log (pwid, service, src_ip, src_rdns, src_loc, src_isp, timestamp, "
            "result, reason, rule, host, session) SELECT p.id, nullif(?2, ''), nullif(?3, ''), "
            "nullif(?4, ''), nullif(?5, ''), nullif(?6, ''), ?7, ?8, nullif(?9, ''), "
            "nullif(?10, ''), nullif(?11, ''), nullif(?12, '') FROM app_passwords AS p "
            "WHERE p.id = ?1 AND (?13 = 0 OR NOT EXISTS (SELECT 1 FROM log AS l "
            "WHERE l.pwid = p.id AND l.result = ?8 AND l.timestamp = ?7 AND "
            "l.service IS nullif(?2, '') AND l.src_ip IS nullif(?3, '') AND "
            "l.host IS nullif(?11, '')))");
    if (!insert) return insert.error();
    (*insert)->bind(1, row.password_id);
    int at = 2;
    for (const std::string* text :
         {&row.service, &row.remote_ip, &row.reverse_name, &row.location, &row.isp, &row.time,
          &row.result, &row.reason, &row.rule, &row.host, &row.session})
      (*insert)->bind(at++, *text);
    (*insert)->bind(at, static_cast<std::int64_t>(row.may_be_there));
    return each_row(**insert, [](const Statement&) {});
  }

  // Names the file and what SQLite says.
  Error failure() const {
    return Error{cat("database ", path_, ": ", sqlite3_errmsg(database_.get()))};
  }

  void start() { deadline_ = Clock::now() + query_time_; }

  // The statement, prepared at its first use; an error when the file is not the one opened.
  Result<Statement*> use(std::unique_ptr<Statement>& statement, const char* sql) {
    start();
    if (is_stale())
      return Error{cat("database ", path_, ": the file has been removed or replaced")};
    if (!statement) statement = std::make_unique<Statement>(database_.get(), sql);
    if (*statement) return statement.get();
    statement.reset();
    return failure();
  }

  template <class F>
  Status each_row(Statement& statement, F f) {
    int step;
    while ((step = statement.step()) == SQLITE_ROW) f(statement);
    const Status status = step == SQLITE_DONE ? Status(Done{}) : Status(failure());
    statement.reset();
    return status;
  }

  const std::string path_;
  const std::chrono::milliseconds query_time_;
  SqliteHandle database_;
  Clock::time_point deadline_{};
  std::unique_ptr<Statement> passwords_of_, by_last_use_, record_, list_, add_, revoke_;
};

Result<std::unique_ptr<SqliteConnection>> open_file(const DatabaseOptions& options, int flags) {
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
  auto connection = std::make_unique<SqliteConnection>(options, std::move(database));
  const Status ready = connection->set_up();
  if (!ready) return ready.error();
  return connection;
}

}  // namespace

Status prepare_sqlite(const DatabaseOptions& options) {
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS,
                 0);  // a lock at every allocation, for figures nobody reads
  if (access(options.path.c_str(), F_OK) != 0)
    base::log::warning(cat("database ", options.path, ": making a new one, without any user"));
  auto connection = open_file(options, SQLITE_OPEN_CREATE);
  if (!connection) return connection.error();
  return (*connection)->make_tables();
}

Result<std::vector<std::string>> sqlite_hosts(const DatabaseOptions& options) {
  return std::vector<std::string>{options.path};
}

Result<std::unique_ptr<Connection>> connect_sqlite(const DatabaseOptions& options, std::size_t) {
  auto connection = open_file(options, 0);
  if (!connection) return connection.error();
  return std::unique_ptr<Connection>(std::move(*connection));
}

}  // namespace stores
