// See mysql_log.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_log.h"

#include <mysql/mysqld_error.h>
#include <algorithm>

#include "cached/base/log.h"
#include "cached/base/text.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Result;
using base::Status;

// The predecessor's table: our columns are not there, or not for us.
constexpr unsigned no_columns[] = {ER_BAD_FIELD_ERROR, ER_COLUMNACCESS_DENIED_ERROR};

// Rows in one statement.
constexpr std::size_t at_once = 50;

// A column behind pwid, what is written to it, and whether two rows that differ in it are two uses:
// the recorder gives no two uses of one host the same time.
struct Column {
  std::string_view name;
  std::string Use::*text;
  std::string_view value;
  bool tells_apart = false;
};
constexpr std::string_view always = "?", any = "nullif(?, '')", brief = "nullif(left(?, 255), '')";
constexpr Column columns[] = {{"service", &Use::service, brief, true},
                              {"src_ip", &Use::remote_ip, any, true},
                              {"src_rdns", &Use::reverse_name, any},
                              {"src_loc", &Use::location, any},
                              {"src_isp", &Use::isp, any},
                              {"timestamp", &Use::time, always, true},
                              {"result", &Use::result, always, true},
                              {"reason", &Use::reason, brief},
                              {"rule", &Use::rule, brief},
                              {"host", &Use::host, brief, true},
                              {"session", &Use::session, brief}};
constexpr std::size_t predecessors = 6;  // the first of them

std::span<const Column> columns_of(bool has_results) {
  return std::span(columns).first(has_results ? std::size(columns) : predecessors);
}

// INSERT INTO log (pwid, service, ...) BODY
std::string insert_into(std::span<const Column> list, std::string_view body) {
  std::string sql = "INSERT INTO log (pwid";
  for (const Column& column : list) sql += cat(", ", column.name);
  return cat(sql, ") ", body);
}

std::string values_of(std::span<const Column> list) {
  std::string sql;
  for (const Column& column : list) sql += cat(", ", column.value);
  return sql;
}

std::string insert_many(std::span<const Column> list) {
  const std::string row = cat("(?", values_of(list), ")");
  std::string sql = cat("VALUES ", row);
  for (std::size_t i = 1; i < at_once; i++) sql += cat(", ", row);
  return insert_into(list, sql);
}

// Nothing when the password's row has gone meanwhile.
std::string insert_one(std::span<const Column> list) {
  return insert_into(
      list, cat("SELECT p.id", values_of(list), " FROM app_passwords AS p WHERE p.id = ?"));
}

std::string insert_again(std::span<const Column> list) {
  std::string sql =
      cat(insert_one(list), " AND NOT EXISTS (SELECT 1 FROM log AS l WHERE l.pwid = p.id");
  for (const Column& column : list)
    if (column.tells_apart)
      sql += cat(" AND l.", column.name, column.value == always ? " = " : " <=> ", column.value);
  return sql + ")";
}

}  // namespace

Status MysqlLog::find_columns() {
  if (has_results_) return Done{};
  std::unique_ptr<MysqlStatement> look;
  const auto query =
      session_.use(look, "SELECT result, reason, rule, host, session FROM log LIMIT 0");
  if (!query && !session_.failed_with(no_columns)) return query.error();
  has_results_ = static_cast<bool>(query);
  return Done{};
}

Result<std::string> MysqlLog::uses() {
  const Status found = find_columns();
  if (!found) return found.error();
  return cat("FROM log WHERE pwid = p.id", *has_results_ ? " AND result = 'permit'" : "");
}

// By the column that an index tells it by in one step: an old site has an index on (pwid), which
// ends in the id, later ones on (pwid, timestamp) and on (pwid, result, timestamp). With the other
// one (or with max()) the server would read all log rows of the password at each login.
Result<std::string> MysqlLog::newest_use() {
  if (!newest_use_.empty()) return newest_use_;
  const auto let_in = uses();
  if (!let_in) return let_in.error();
  std::unique_ptr<MysqlStatement> show;
  auto query = session_.use(
      show,
      "SELECT group_concat(column_name ORDER BY seq_in_index) FROM information_schema.statistics "
      "WHERE table_schema = database() AND table_name = 'log' GROUP BY index_name");
  if (!query) return query.error();
  std::string newest = "id";
  const std::string_view wanted = *has_results_ ? "pwid,result,timestamp" : "pwid,timestamp";
  const Status status = session_.each_row(**query, [&](MysqlStatement& row) {
    if (base::lower(row.text(0)).starts_with(wanted)) newest = "timestamp";
  });
  if (!status) return status.error();
  newest_use_ = cat("SELECT ", newest, " ", *let_in, " ORDER BY pwid DESC, ",
                    *has_results_ ? "result DESC, " : "", newest, " DESC LIMIT 1");
  return newest_use_;
}

// Many rows in a statement are seven times as fast as a statement for each.
Status MysqlLog::record(std::span<const Use> uses) {
  const Status found = find_columns();
  if (!found) return found;
  std::vector<const Use*> fresh, again;
  for (const Use& use : uses)
    if (*has_results_ || use.result == "permit") (use.may_be_there ? again : fresh).push_back(&use);
  // Whatever the server's default is: what an earlier connection is still about to commit is waited
  // for, and then seen.
  Status status = Done{};
  if (!again.empty()) status = session_.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  if (status) status = session_.execute("START TRANSACTION");
  for (const Use* use : again)
    if (status) status = record_one(*use);
  std::span<const Use* const> rest = fresh;
  while (status && !rest.empty()) {
    const auto many = rest.first(rest.size() < at_once ? 1 : at_once);
    rest = rest.subspan(many.size());
    status = many.size() == 1 ? record_one(*many.front()) : record_many(many);
  }
  return status ? session_.execute("COMMIT") : status;
}

void MysqlLog::bind(MysqlStatement& statement, const Use& use) const {
  for (const Column& column : columns_of(*has_results_)) statement.bind(use.*column.text);
}

Status MysqlLog::record_many(std::span<const Use* const> uses) {
  auto insert = session_.use(many_, insert_many(columns_of(*has_results_)));
  if (!insert) return insert.error();
  for (const Use* use : uses) {
    (*insert)->bind(use->password_id);
    bind(**insert, *use);
  }
  Status status = session_.run(**insert);
  if (status || !session_.blames_a_row()) return status;
  status = Done{};
  for (const Use* use : uses)
    if (status) status = record_one(*use);
  return status;
}

Status MysqlLog::record_one(const Use& use) {
  const auto list = columns_of(*has_results_);
  auto insert = use.may_be_there ? session_.use(again_, insert_again(list))
                                 : session_.use(one_, insert_one(list));
  if (!insert) return insert.error();
  bind(**insert, use);
  (*insert)->bind(use.password_id);
  if (use.may_be_there)
    for (const Column& column : list)
      if (column.tells_apart) (*insert)->bind(use.*column.text);
  const Status status = session_.run(**insert);
  if (status || !session_.blames_a_row()) return status;
  // The others are not kept waiting for what can never be written.
  base::log::error(cat(status.error().text, ": this login is left out of the log table: ",
                       "app password ", use.password_id, " from ", use.remote_ip));
  return Done{};
}

}  // namespace stores
