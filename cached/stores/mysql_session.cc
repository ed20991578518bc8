// See mysql_session.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_session.h"

#include <mysql/mysqld_error.h>
#include <algorithm>

#include "cached/base/text.h"
#include "cached/stores/mysql_access.h"

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
constexpr unsigned first_client_error = 2000, last_client_error = 2999;  // CR_...

// The client library knows whole seconds only.
unsigned seconds(std::chrono::milliseconds time) {
  return static_cast<unsigned>((time.count() + 999) / 1000);
}

void set_options(MYSQL* handle, const MysqlSession::Options& options, const MysqlServer& server) {
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
  const bool connected =
      mysql_real_connect(handle.get(), or_null(server.host), access->user.c_str(),
                         password.reveal().data(), access->database.c_str(), server.port,
                         or_null(server.socket), 0) != nullptr;
  if (!connected) return Error{cat("database ", server.name, ": ", mysql_error(handle.get()))};
  return std::unique_ptr<MysqlSession>(new MysqlSession(std::move(handle), server.name));
}

Error MysqlSession::failure(unsigned code, const char* text) {
  code_ = code;
  return Error{cat("database ", server_, ": ", text)};
}

bool MysqlSession::failed_with(std::span<const unsigned> codes) const {
  return std::find(codes.begin(), codes.end(), code_) != codes.end();
}

bool MysqlSession::is_stale() const {
  return (code_ >= first_client_error && code_ <= last_client_error) ||
         failed_with(passing_troubles);
}

Status MysqlSession::execute(std::string_view sql) {
  if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0)
    return failure(mysql_errno(handle_.get()), mysql_error(handle_.get()));
  return Done{};
}

Result<MysqlStatement*> MysqlSession::use(std::unique_ptr<MysqlStatement>& statement,
                                          std::string_view sql) {
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
