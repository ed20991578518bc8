// See mysql.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql.h"

#include <mysql/errmsg.h>
#include <mysql/mysqld_error.h>
#include <algorithm>

#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/stores/mysql_access.h"
#include "cached/stores/mysql_statement.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

// What one server says and another one, or the same a moment later, may not: it is leaving, not yet
// part of its cluster (Galera answers everything so), or has killed this connection.
constexpr unsigned passing_troubles[] = {
    ER_UNKNOWN_COM_ERROR, ER_SERVER_SHUTDOWN,   ER_CON_COUNT_ERROR,      ER_CONNECTION_KILLED,
    ER_LOCK_DEADLOCK,     ER_QUERY_INTERRUPTED, ER_UNKNOWN_STMT_HANDLER, ER_LOCK_WAIT_TIMEOUT};

// What is wrong with one row of the log, whenever and wherever it is written.
constexpr unsigned row_troubles[] = {
    ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_TRUNCATED_WRONG_VALUE, ER_DATA_TOO_LONG,
    ER_WARN_DATA_OUT_OF_RANGE,          ER_BAD_NULL_ERROR,        ER_NO_REFERENCED_ROW_2};
constexpr unsigned first_client_error = 2000, last_client_error = 2999;  // CR_...

bool is_among(std::span<const unsigned> codes, unsigned code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

struct CloseConnection {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
};
using Handle = std::unique_ptr<MYSQL, CloseConnection>;

// The client library knows whole seconds only.
unsigned seconds(std::chrono::milliseconds time) {
  return static_cast<unsigned>((time.count() + 999) / 1000);
}

// As a column of utf8mb4 can hold it, whatever bytes it is made of.
std::string storable(const std::string& text) { return base::printable(text); }

class MysqlConnection final : public Connection {
 public:
  MysqlConnection(Handle handle, std::string server)
      : handle_(std::move(handle)), server_(std::move(server)) {}

  bool is_stale() override { return is_stale_; }

  Result<std::vector<AppPassword>> passwords_of(std::string_view user, std::size_t limit) override {
    const Status newest = find_newest();
    if (!newest) return newest.error();
    auto query = use(passwords_of_,
                     cat("SELECT id, password, comment, deleted IS NOT NULL, uid "
                         "FROM app_passwords AS p WHERE uid = ? ORDER BY deleted IS NOT NULL, "
                         "(SELECT ",
                         newest_,
                         " FROM log WHERE pwid = p.id "
                         "ORDER BY pwid DESC, ",
                         newest_, " DESC LIMIT 1) DESC, id DESC LIMIT ?"));
    if (!query) return query.error();
    std::vector<AppPassword> rows;
    if (!base::is_utf8(user)) return rows;  // no uid; the server might not even take it
    (*query)->bind(user);
    (*query)->bind(static_cast<std::int64_t>(limit));
    std::size_t others = 0;
    const Status status = each_row(**query, [&](MysqlStatement& row) {
      // Collations hold more for equal than the case of letters: accents, blanks at the end.
      if (base::equals_ignoring_case(row.text(4), user))
        rows.push_back({row.number(0), row.text(1), row.text(2), row.number(3) != 0});
      else
        others++;
    });
    // A column of another character set cannot hold the name.
    if (!status && last_code_ == ER_CANT_AGGREGATE_2COLLATIONS && !base::is_ascii(user))
      return rows;
    if (!status) return status.error();
    if (others > 0 && rows.size() + others >= limit)
      return Error{
          cat("database ", server_, ": too many rows of names like <", base::printable(user), ">")};
    return rows;
  }

  Status record(std::span<const Use> uses) override {
    auto insert = use(
        record_,
        "INSERT INTO log (pwid, service, src_ip, timestamp) "
        "SELECT id, nullif(left(?, 255), ''), nullif(?, ''), ? FROM app_passwords WHERE id = ?");
    if (!insert) return insert.error();
    Status status = execute("START TRANSACTION");
    for (const Use& use : uses) {
      if (!status) return status;
      const std::string service = storable(use.service), remote_ip = storable(use.remote_ip);
      (*insert)->bind(service);
      (*insert)->bind(remote_ip);
      (*insert)->bind(use.time);
      (*insert)->bind(use.password_id);
      status = run(**insert);
      if (status || !is_among(row_troubles, last_code_)) continue;
      // The others are not kept waiting for what can never be written.
      base::log::error(cat(status.error().text, ": this login is left out of the log table: ",
                           "app password ", use.password_id, " from ", remote_ip));
      status = Done{};
    }
    return status ? execute("COMMIT") : status;
  }

  Result<std::vector<Listed>> list(std::string_view user) override {
    auto query =
        use(list_,
            "SELECT id, CAST(created AS CHAR), CAST(deleted AS CHAR), "
            "(SELECT CAST(max(timestamp) AS CHAR) FROM log WHERE pwid = p.id), comment, uid "
            "FROM app_passwords AS p WHERE uid = ? ORDER BY id");
    if (!query) return query.error();
    (*query)->bind(user);
    std::vector<Listed> rows;
    const Status status = each_row(**query, [&](MysqlStatement& row) {
      if (base::equals_ignoring_case(row.text(5), user))
        rows.push_back({row.number(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    });
    if (!status) return status.error();
    return rows;
  }

  Result<std::int64_t> add(std::string_view user, std::string_view hash,
                           std::string_view comment) override {
    auto insert = use(
        add_, "INSERT INTO app_passwords (uid, password, comment) VALUES (?, ?, nullif(?, ''))");
    if (!insert) return insert.error();
    (*insert)->bind(user);
    (*insert)->bind(hash);
    (*insert)->bind(comment);
    const Status status = run(**insert);
    if (!status) return status.error();
    return (*insert)->inserted_id();
  }

  Result<bool> revoke(std::int64_t id) override {
    auto update = use(revoke_,
                      "UPDATE app_passwords SET deleted = utc_timestamp() "
                      "WHERE id = ? AND deleted IS NULL");
    if (!update) return update.error();
    (*update)->bind(id);
    const Status status = run(**update);
    if (!status) return status.error();
    return (*update)->changed_rows() == 1;
  }

 private:
  // Names the server and what it, or the client library, says.
  Error failure(unsigned code, const char* text) {
    last_code_ = code;
    is_stale_ = (code >= first_client_error && code <= last_client_error) ||
                is_among(passing_troubles, code);
    return Error{cat("database ", server_, ": ", text)};
  }

  Status execute(std::string_view sql) {
    if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0)
      return failure(mysql_errno(handle_.get()), mysql_error(handle_.get()));
    return Done{};
  }

  // Which column tells a password's newest log row in one step: an old site has an index on
  // (pwid), which ends in the id, and a new one on (pwid, timestamp). With the other one (or with
  // max()) the server would read all log rows of the password at each login.
  Status find_newest() {
    if (!newest_.empty()) return Done{};
    std::unique_ptr<MysqlStatement> show;
    auto index =
        use(show,
            "SELECT 1 FROM information_schema.statistics AS a JOIN information_schema.statistics "
            "AS b USING (table_schema, table_name, index_name) WHERE table_schema = database() AND "
            "table_name = 'log' AND a.column_name = 'pwid' AND a.seq_in_index = 1 AND "
            "b.column_name = 'timestamp' AND b.seq_in_index = 2");
    if (!index) return index.error();
    std::string found = "id";
    const Status status = each_row(**index, [&](MysqlStatement&) { found = "timestamp"; });
    if (status) newest_ = found;
    return status;
  }

  // The statement, prepared at its first use.
  Result<MysqlStatement*> use(std::unique_ptr<MysqlStatement>& statement, std::string_view sql) {
    is_stale_ = false;
    if (!statement) statement = std::make_unique<MysqlStatement>(handle_.get(), sql);
    if (statement->is_good()) return statement.get();
    const Error error = failure(statement->code(), statement->error());
    statement.reset();
    return error;
  }

  // A statement without rows.
  Status run(MysqlStatement& statement) {
    return each_row(statement, [](MysqlStatement&) {});
  }

  template <class F>
  Status each_row(MysqlStatement& statement, F f) {
    using Step = MysqlStatement::Step;
    Step step = statement.run() ? Step::end : Step::failed;
    if (step == Step::end && statement.has_rows())
      while ((step = statement.next()) == Step::row) f(statement);
    const Status status =
        step == Step::end ? Status(Done{}) : Status(failure(statement.code(), statement.error()));
    statement.reset();
    return status;
  }

  Handle handle_;  // the first: statements are closed before it
  const std::string server_;
  std::string newest_;
  unsigned last_code_ = 0;  // of an error
  bool is_stale_ = false;
  std::unique_ptr<MysqlStatement> passwords_of_, record_, list_, add_, revoke_;
};

void set_options(MYSQL* handle, const DatabaseOptions& options, const MysqlServer& server) {
  const unsigned connect_time = seconds(options.connect_time);
  const unsigned query_time = seconds(options.query_time);
  const unsigned no = 0;
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_time);
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &query_time);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &query_time);
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no);  // a server could ask for any file
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  // Whatever the server's defaults are: names are what we say they are, and no query sees what was
  // there when an earlier one began.
  mysql_options(handle, MYSQL_INIT_COMMAND,
                "SET NAMES utf8mb4, autocommit = 1, completion_type = NO_CHAIN");
  if (server.port) {
    const unsigned tcp = MYSQL_PROTOCOL_TCP;  // also for localhost
    mysql_options(handle, MYSQL_OPT_PROTOCOL, &tcp);
  }
  if (options.tls_ca.empty() || !server.socket.empty()) return;
  const my_bool yes = 1;
  mysql_ssl_set(handle, nullptr, nullptr, options.tls_ca.c_str(), nullptr, nullptr);
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
  mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  mysql_options(handle, MYSQL_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
}

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
  const auto known = mysql_access(options);
  if (!known) return known.error();
  const MysqlServer& server = known->servers.at(host);
  Handle handle(mysql_init(nullptr));
  base::check(handle != nullptr, "mysql_init: out of memory");
  set_options(handle.get(), options, server);
  const base::Secret password = (*known->password).with_ending('\0');
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
  };
  const bool connected = mysql_real_connect(handle.get(), or_null(server.host), known->user.c_str(),
                                            password.reveal().data(), known->database.c_str(),
                                            server.port, or_null(server.socket), 0);
  if (!connected) return Error{cat("database ", server.name, ": ", mysql_error(handle.get()))};
  return std::unique_ptr<Connection>(
      std::make_unique<MysqlConnection>(std::move(handle), server.name));
}

}  // namespace stores
