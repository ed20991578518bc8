// See mysql_connection_log.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_connection_log.h"

#include <mysql/mysqld_error.h>

#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/stores/store.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

// The table, a column or the key is not there, or not for us.
constexpr unsigned not_set_up[] = {ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR,
                                   ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR,
                                   ER_KEY_DOES_NOT_EXISTS};

constexpr std::size_t at_once = 50;  // rows in one statement

// A column, and what is written to it. `datetime` is on the server's clock and in its time zone,
// as its default is; ours are UTC.
struct Column {
  std::string_view name, value;
  std::string Attempts::*text;
  std::int64_t (*number)(const Attempts&);
};
constexpr std::string_view words = "nullif(?, '')", answer = "nullif(?, -1)",
                           utc = "timestamp('1970-01-01') + INTERVAL ? MICROSECOND";

std::int64_t number_of(const std::optional<bool>& judged) { return judged ? *judged : -1; }

constexpr Column columns[] = {
    {"datetime", "from_unixtime(?)", nullptr, [](const Attempts& a) { return a.first / 1000; }},
    {"protocol", words, &Attempts::protocol, nullptr},
    {"username", words, &Attempts::user, nullptr},
    {"remote_ip", words, &Attempts::remote_ip, nullptr},
    {"country", words, &Attempts::country, nullptr},
    {"auth_ok", answer, nullptr, [](const Attempts& a) { return number_of(a.auth_ok); }},
    {"policy_reject", answer, nullptr,
     [](const Attempts& a) { return number_of(a.policy_reject); }},
    {"host", words, &Attempts::host, nullptr},
    {"session", words, &Attempts::session, nullptr},
    {"pwid", "nullif(?, 0)", nullptr, [](const Attempts& a) { return a.password_id; }},
    {"rule", words, &Attempts::rule, nullptr},
    {"reason", words, &Attempts::reason, nullptr},
    {"first", utc, nullptr, [](const Attempts& a) { return a.first * 1000; }},
    {"last", utc, nullptr, [](const Attempts& a) { return a.last * 1000; }},
    {"count", "?", nullptr, [](const Attempts& a) { return a.count; }},
    {"number", "?", nullptr, [](const Attempts& a) { return a.number; }}};

// `of` each column, or as often as there are rows, with commas between.
template <class Range, class F>
std::string list(const Range& range, F of) {
  std::string out;
  for (const auto& each : range) out += cat(out.empty() ? "" : ", ", of(each));
  return out;
}

std::string name_of(const Column& column) { return std::string(column.name); }

// The same statement whether the rows are there or not, and whatever came of it the last time.
std::string insert_into(std::size_t rows) {
  const auto row = cat("(", list(columns, [](const Column& c) { return c.value; }), ")");
  return cat("INSERT INTO connection_log (", list(columns, name_of), ") VALUES ",
             list(std::vector<int>(rows), [&](int) { return row; }),
             " ON DUPLICATE KEY UPDATE last = greatest(last, VALUES(last)), "
             "count = greatest(count, VALUES(count))");
}

// For a column of another character set: strangers choose names, and must not choose one that
// leaves no trace.
Attempts in_ascii(Attempts row) {
  for (const Column& column : columns)
    if (column.text) row.*column.text = base::ascii_of(row.*column.text);
  return row;
}

}  // namespace

Error MysqlConnectionLog::explained(const Error& error) const {
  if (!session_.failed_with(not_set_up)) return error;
  return Error{cat(error.text, " (what [audit] connection_log needs stands in sql/mysql.sql)")};
}

// Without the key each row would be there again whenever it is not known what came of it.
Status MysqlConnectionLog::look() {
  if (is_known_) return Done{};
  std::unique_ptr<MysqlStatement> key;
  const auto look = session_.use(
      key, "SELECT number FROM connection_log FORCE INDEX (connection_log_number) LIMIT 0");
  if (!look) return look.error();
  const auto insert = session_.use(one_, insert_into(1));
  if (!insert) return insert.error();
  is_known_ = true;
  return Done{};
}

Status MysqlConnectionLog::record(std::span<const Attempts> rows) {
  Status status = look();
  if (status) status = session_.execute("START TRANSACTION");
  while (status && !rows.empty()) {
    const auto some = rows.first(rows.size() < at_once ? 1 : at_once);
    rows = rows.subspan(some.size());
    status = write(some);
  }
  if (status) status = session_.execute("COMMIT");
  return status ? status : explained(status.error());
}

Status MysqlConnectionLog::write(std::span<const Attempts> rows) {
  if (rows.size() == 1) return write_alone(rows.front());
  Status status = insert(many_, rows);
  if (status || !session_.blames_a_row()) return status;
  status = Done{};
  for (const Attempts& row : rows)
    if (status) status = write_alone(row);
  return status;
}

Status MysqlConnectionLog::write_alone(const Attempts& row) {
  Status status = insert(one_, {&row, 1});
  if (status || !session_.blames_a_row()) return status;
  const Attempts plain = in_ascii(row);
  status = insert(one_, {&plain, 1});
  if (status || !session_.blames_a_row()) return status;
  // The others are not kept waiting for what can never be written.
  base::log::error(cat(status.error().text, ": this attempt is left out of connection_log: <",
                       row.user, "> from ", row.remote_ip));
  return Done{};
}

Status MysqlConnectionLog::insert(std::unique_ptr<MysqlStatement>& statement,
                                  std::span<const Attempts> rows) {
  const auto insert = session_.use(statement, insert_into(rows.size()));
  if (!insert) return insert.error();
  for (const Attempts& row : rows)
    for (const Column& column : columns)
      if (column.text)
        (*insert)->bind(row.*column.text);
      else
        (*insert)->bind(column.number(row));
  return session_.run(**insert);
}

Result<std::vector<std::int64_t>> MysqlConnectionLog::oldest(std::int64_t before) {
  const auto query = session_.use(
      oldest_, cat("SELECT id FROM connection_log FORCE INDEX (connection_log_datetime) "
                   "WHERE datetime < from_unixtime(?) ORDER BY datetime LIMIT ",
                   Connection::most_purged));
  if (!query) return query.error();
  (*query)->bind(before);
  std::vector<std::int64_t> ids;
  const Status status =
      session_.each_row(**query, [&](MysqlStatement& row) { ids.push_back(row.number(0)); });
  if (!status) return status.error();
  return ids;
}

// They are looked for without a lock and removed one by one: nothing else waits, and no cluster has
// to certify more than a few.
Result<std::int64_t> MysqlConnectionLog::purge(std::int64_t before) {
  auto ids = oldest(before);
  if (!ids) return explained(ids.error());
  if (ids->empty()) return std::int64_t{0};
  const auto remove = session_.use(
      remove_, cat("DELETE FROM connection_log WHERE id IN (",
                   list(std::vector<int>(Connection::most_purged), [](int) { return "?"; }), ")"));
  if (!remove) return explained(remove.error());
  ids->resize(Connection::most_purged, ids->back());
  for (const std::int64_t id : *ids) (*remove)->bind(id);
  const Status status = session_.run(**remove);
  if (!status) return explained(status.error());
  return (*remove)->changed_rows();
}

}  // namespace stores
