// See sqlite.h. A connection notices when its file has been replaced (a restored backup) and then
// reports an error, so that the pool opens the new one.
// SPDX-License-Identifier: MIT
#include "cached/stores/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "cached/base/text.h"

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

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// A prepared statement, reset (and its bindings forgotten) when the query that uses it ends.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_stmt* made = nullptr;
    sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    handle_.reset(made);
  }
  explicit operator bool() const { return handle_ != nullptr; }
  sqlite3_stmt* get() const { return handle_.get(); }

  void bind(int at, std::string_view text) {
    sqlite3_bind_text64(get(), at, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
  }
  void bind(int at, std::int64_t number) { sqlite3_bind_int64(get(), at, number); }

  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column)))
                 : std::string();
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(get(), column); }

 private:
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

Status refuse_world_writable(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) < 0)
    return Error{cat("database ", path, ": ", std::strerror(errno))};
  if (facts.st_mode & S_IWOTH)
    return Error{cat("database ", path, ": refused, everybody can write to it")};
  return Done{};
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const DatabaseOptions& options, Database database)
      : path_(options.path), query_time_(options.query_time), database_(std::move(database)) {
    stat(path_.c_str(), &opened_);
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

  Status execute(const char* sql) {
    start();
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      return failure();
    return Done{};
  }

  Result<std::vector<AppPassword>> passwords_of(std::string_view user, std::size_t limit) override {
    auto query = use(passwords_of_,
                     "SELECT id, password, comment, deleted IS NOT NULL FROM app_passwords AS p "
                     "WHERE uid = ?1 ORDER BY deleted IS NOT NULL, "
                     "(SELECT max(id) FROM log WHERE pwid = p.id) DESC, id DESC LIMIT ?2");
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

  Status record(std::span<const Use> uses) override {
    auto insert =
        use(record_,
            "INSERT INTO log (pwid, service, src_ip, timestamp) "
            "SELECT id, nullif(?2, ''), nullif(?3, ''), ?4 FROM app_passwords WHERE id = ?1");
    if (!insert) return insert.error();
    Status status = execute("BEGIN IMMEDIATE");
    for (const Use& use : uses) {
      if (!status) break;
      (*insert)->bind(1, use.password_id);
      (*insert)->bind(2, use.service);
      (*insert)->bind(3, use.remote_ip);
      (*insert)->bind(4, use.time);
      status = each_row(**insert, [](const Statement&) {});
    }
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
  // Names the file and what SQLite says.
  Error failure() const {
    return Error{cat("database ", path_, ": ", sqlite3_errmsg(database_.get()))};
  }

  void start() { deadline_ = Clock::now() + query_time_; }

  // The statement, prepared at its first use; an error when the file is not the one opened.
  Result<Statement*> use(std::unique_ptr<Statement>& statement, const char* sql) {
    start();
    struct stat now {};
    if (stat(path_.c_str(), &now) < 0)
      return Error{cat("database ", path_, ": ", std::strerror(errno))};
    if (now.st_ino != opened_.st_ino || now.st_dev != opened_.st_dev)
      return Error{cat("database ", path_, ": the file has been replaced")};
    if (!statement) statement = std::make_unique<Statement>(database_.get(), sql);
    if (*statement) return statement.get();
    statement.reset();
    return failure();
  }

  template <class F>
  Status each_row(Statement& statement, F f) {
    int step;
    while ((step = sqlite3_step(statement.get())) == SQLITE_ROW) f(statement);
    const Status status = step == SQLITE_DONE ? Status(Done{}) : Status(failure());
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());
    return status;
  }

  const std::string path_;
  const std::chrono::milliseconds query_time_;
  Database database_;
  struct stat opened_ {};
  Clock::time_point deadline_{};
  std::unique_ptr<Statement> passwords_of_, record_, list_, add_, revoke_;
};

Result<std::unique_ptr<SqliteConnection>> open_file(const DatabaseOptions& options, int flags) {
  const Status directory = refuse_world_writable(directory_of(options.path));
  if (!directory) return directory.error();
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(options.path.c_str(), &opened,
                                     flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
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
  auto connection = open_file(options, SQLITE_OPEN_CREATE);
  if (!connection) return connection.error();
  return (*connection)->execute(schema);
}

Result<std::unique_ptr<Connection>> connect_sqlite(const DatabaseOptions& options) {
  auto connection = open_file(options, 0);
  if (!connection) return connection.error();
  return std::unique_ptr<Connection>(std::move(*connection));
}

}  // namespace stores
