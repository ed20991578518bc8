// A prepared statement of the MySQL client library: bound, run, and its rows read column by column.
// SPDX-License-Identifier: MIT

#pragma once

#include <mysql/mysql.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stores {

class MysqlStatement {
 public:
  // Prepares `sql`; is_good() tells whether that worked.
  MysqlStatement(MYSQL* connection, std::string_view sql);
  bool is_good() const { return is_good_; }
  bool has_rows() const { return !columns_.empty(); }  // it is a SELECT

  // The value of the next `?`; text must stay where it is until run().
  void bind(std::string_view text);
  void bind(std::int64_t number);

  // False: failed, see error(). The rows are then here, in the client.
  bool run();

  enum class Step { row, end, failed };
  Step next();
  std::string text(unsigned column);  // empty: NULL
  std::int64_t number(unsigned column);

  unsigned code() const { return mysql_stmt_errno(handle_.get()); }
  const char* error() const { return mysql_stmt_error(handle_.get()); }
  std::int64_t inserted_id() const {
    return static_cast<std::int64_t>(mysql_stmt_insert_id(handle_.get()));
  }
  std::int64_t changed_rows() const {
    return static_cast<std::int64_t>(mysql_stmt_affected_rows(handle_.get()));
  }

  // Gives up the rows and what was bound. To be called before the next run().
  void reset();

 private:
  using Flag = std::remove_pointer_t<decltype(MYSQL_BIND::is_null)>;

  struct Close {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  };

  std::unique_ptr<MYSQL_STMT, Close> handle_;
  bool is_good_ = false;
  std::vector<MYSQL_BIND> parameters_;
  std::vector<std::int64_t> numbers_;  // bound ones, by place
  std::size_t bound_ = 0;
  std::vector<MYSQL_BIND> columns_;
  std::vector<unsigned long> lengths_;
  std::vector<Flag> nulls_;
};

}  // namespace stores
