// A connection to a MySQL or MariaDB server, opened so that the server's defaults do not matter,
// and what went wrong on it last.
// SPDX-License-Identifier: MIT

#pragma once

#include <mysql/mysql.h>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/stores/mysql_statement.h"

namespace stores {

class MysqlSession {
 public:
  using Options = decltype(config::Options::database);

  // To the server of that number in [database], within connect_time, but a name is resolved by the
  // system, within the time it takes (resolv.conf(5)), and each of its addresses may take that
  // long.
  static base::Result<std::unique_ptr<MysqlSession>> open(const Options& options, std::size_t host);

  base::Status execute(std::string_view sql);

  // The statement, prepared at its first use. What `statement` holds must go before the session.
  // With it query_time begins, in which it has to be run too.
  base::Result<MysqlStatement*> use(std::unique_ptr<MysqlStatement>& statement,
                                    std::string_view sql);

  base::Status run(MysqlStatement& statement);  // one without rows

  template <class F>
  base::Status each_row(MysqlStatement& statement, F f) {
    using Step = MysqlStatement::Step;
    Step step = statement.run() ? Step::end : Step::failed;
    if (step == Step::end && statement.has_rows())
      while ((step = statement.next()) == Step::row) f(statement);
    if (step == Step::end) code_ = 0;
    const base::Status status = step == Step::end ? base::Status(base::Done{})
                                                  : failure(statement.code(), statement.error());
    statement.reset();
    return status;
  }

  // Of what failed last: the server's or the client library's number, 0 when nothing has; and
  // whether it may well succeed on another connection.
  unsigned code() const { return code_; }
  bool failed_with(std::span<const unsigned> codes) const;
  bool is_stale() const;
  bool blames_a_row() const;  // it is about what was to be written, and not about the server

  const std::string& server() const { return server_; }

 private:
  struct Close {
    void operator()(MYSQL* connection) const { mysql_close(connection); }
  };
  using Handle = std::unique_ptr<MYSQL, Close>;

  MysqlSession(Handle handle, std::string server, std::chrono::milliseconds query_time)
      : handle_(std::move(handle)), server_(std::move(server)), query_time_(query_time) {}

  base::Error failure(unsigned code, const char* text);  // names the server

  Handle handle_;
  const std::string server_;
  const std::chrono::milliseconds query_time_;
  unsigned code_ = 0;
};

}  // namespace stores
