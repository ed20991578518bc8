// See mysql_statement.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_statement.h"

#include "cached/base/check.h"

namespace stores {

MysqlStatement::MysqlStatement(MYSQL* connection, std::string_view sql)
    : handle_(mysql_stmt_init(connection)) {
  base::check(handle_ != nullptr, "mysql_stmt_init: out of memory");
  is_good_ = mysql_stmt_prepare(handle_.get(), sql.data(), sql.size()) == 0;
  if (!is_good_) return;
  parameters_.resize(mysql_stmt_param_count(handle_.get()));
  numbers_.resize(parameters_.size());
  columns_.resize(mysql_stmt_field_count(handle_.get()));
  lengths_.resize(columns_.size());
  nulls_.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); i++) {
    // No room for anything: next() learns the length, text() and number() fetch.
    columns_[i].buffer_type = MYSQL_TYPE_STRING;
    columns_[i].length = &lengths_[i];
    columns_[i].is_null = &nulls_[i];
  }
}

void MysqlStatement::bind(std::string_view text) {
  MYSQL_BIND& parameter = parameters_.at(bound_++);
  parameter.buffer_type = MYSQL_TYPE_STRING;
  parameter.buffer = const_cast<char*>(text.data() ? text.data() : "");  // it is only read
  parameter.buffer_length = text.size();
}

void MysqlStatement::bind(std::int64_t number) {
  numbers_.at(bound_) = number;
  MYSQL_BIND& parameter = parameters_.at(bound_);
  parameter.buffer_type = MYSQL_TYPE_LONGLONG;
  parameter.buffer = &numbers_[bound_++];
}

bool MysqlStatement::run() {
  base::check(bound_ == parameters_.size(), "a statement with unbound parameters");
  if (!parameters_.empty() && mysql_stmt_bind_param(handle_.get(), parameters_.data()) != 0)
    return false;
  if (mysql_stmt_execute(handle_.get()) != 0) return false;
  if (columns_.empty()) return true;
  return mysql_stmt_bind_result(handle_.get(), columns_.data()) == 0 &&
         mysql_stmt_store_result(handle_.get()) == 0;
}

MysqlStatement::Step MysqlStatement::next() {
  switch (mysql_stmt_fetch(handle_.get())) {
    case 0:
    case MYSQL_DATA_TRUNCATED:  // as it is meant to be
      return Step::row;
    case MYSQL_NO_DATA:
      return Step::end;
    default:
      return Step::failed;
  }
}

std::string MysqlStatement::text(unsigned column) {
  if (nulls_.at(column)) return {};
  std::string text(lengths_[column], '\0');
  MYSQL_BIND into{};
  into.buffer_type = MYSQL_TYPE_STRING;
  into.buffer = text.data();
  into.buffer_length = text.size();
  if (!text.empty() && mysql_stmt_fetch_column(handle_.get(), &into, column, 0) != 0) text.clear();
  return text;
}

std::int64_t MysqlStatement::number(unsigned column) {
  std::int64_t number = 0;
  MYSQL_BIND into{};
  into.buffer_type = MYSQL_TYPE_LONGLONG;
  into.buffer = &number;
  if (!nulls_.at(column)) mysql_stmt_fetch_column(handle_.get(), &into, column, 0);
  return number;
}

void MysqlStatement::reset() {
  if (!columns_.empty()) mysql_stmt_free_result(handle_.get());
  bound_ = 0;
}

}  // namespace stores
