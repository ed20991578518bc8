// See mysql_session.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_session.h"

#include <mysql/mysqld_error.h>
#include <algorithm>

#include "cached/base/text.h"
#include "cached/stores/mysql_access.h"
#include "cached/stores/mysql_deadline.h"

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

// What is wrong with one row, whenever and wherever it is written.
constexpr unsigned row_troubles[] = {
    ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_TRUNCATED_WRONG_VALUE, ER_DATA_TOO_LONG,
    ER_WARN_DATA_OUT_OF_RANGE,          ER_BAD_NULL_ERROR,        ER_NO_REFERENCED_ROW_2,
    ER_CANT_AGGREGATE_2COLLATIONS};

constexpr unsigned first_client_error = 2000, last_client_error = 2999;  // CR_...

void set_options(MYSQL* handle, const MysqlSession::Options& options, const MysqlServer& server) {
  const unsigned no = 0;
  // Not for reading and writing, which have MysqlDeadline, but for how long a UNIX socket without
  // room is tried again: so many whole seconds, and up to one more.
  const auto whole = std::chrono::floor<std::chrono::seconds>(options.connect_time).count();
  const auto seconds = static_cast<unsigned>(std::max(whole - 1, 1L));
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
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

Error failure_of(const std::string& server, std::chrono::milliseconds time, const char* text) {
  if (MysqlDeadline::has_passed())
    return Error{cat("database ", server, ": no answer within ", time.count(), " ms")};
  return Error{cat("database ", server, ": ", text)};
}

}  // namespace

Result<std::unique_ptr<MysqlSession>> MysqlSession::open(const Options& options, std::size_t host) {
  const auto access = mysql_access(options);
  if (!access) return access.error();
  const MysqlServer& server = access->servers.at(host);
  Handle handle(mysql_init(nullptr));
  base::check(handle != nullptr, "mysql_init: out of memory");
  set_options(handle.get(), options, server);
  const base::Secret password = (*access->password).with_ending('\0');
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
  };
  MysqlDeadline::start_connecting(handle.get(), options.connect_time);
  const bool connected =
      mysql_real_connect(handle.get(), or_null(server.host), access->user.c_str(),
                         password.reveal().data(), access->database.c_str(), server.port,
                         or_null(server.socket), 0) != nullptr;
  if (!connected) return failure_of(server.name, options.connect_time, mysql_error(handle.get()));
  return std::unique_ptr<MysqlSession>(
      new MysqlSession(std::move(handle), server.name, options.query_time));
}

Error MysqlSession::failure(unsigned code, const char* text) {
  code_ = code;
  return failure_of(server_, query_time_, text);
}

bool MysqlSession::failed_with(std::span<const unsigned> codes) const {
  return std::find(codes.begin(), codes.end(), code_) != codes.end();
}

bool MysqlSession::is_stale() const {
  return (code_ >= first_client_error && code_ <= last_client_error) ||
         failed_with(passing_troubles);
}

bool MysqlSession::blames_a_row() const { return failed_with(row_troubles); }

Status MysqlSession::execute(std::string_view sql) {
  MysqlDeadline::start(handle_.get(), query_time_);
  if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0)
    return failure(mysql_errno(handle_.get()), mysql_error(handle_.get()));
  return Done{};
}

Result<MysqlStatement*> MysqlSession::use(std::unique_ptr<MysqlStatement>& statement,
                                          std::string_view sql) {
  MysqlDeadline::start(handle_.get(), query_time_);
  if (!statement) statement = std::make_unique<MysqlStatement>(handle_.get(), sql);
  if (statement->is_good()) return statement.get();
  const Error error = failure(statement->code(), statement->error());
  statement.reset();
  return error;
}

Status MysqlSession::run(MysqlStatement& statement) {
  return each_row(statement, [](MysqlStatement&) {});
}

}  // namespace stores
