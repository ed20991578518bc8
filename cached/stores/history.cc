// See history.h. The columns of a query are those of PastRow, in its order; what makes a page cheap
// is the inner query, which servers cannot put behind the join.
// SPDX-License-Identifier: MIT

#include "cached/stores/history.h"

#include "cached/base/text.h"
#include "cached/stores/mysql_history.h"
#include "cached/stores/sqlite_history.h"

namespace stores {
namespace {

using base::cat;
using base::Error;
using base::Result;

// % is UTC of the column datetime.
struct Query {
  PastTable table;
  std::string_view sql;
};
constexpr Query queries[] = {
    {PastTable::log,
     "SELECT l.id, CAST(l.timestamp AS CHAR), p.uid, l.pwid, p.comment, l.service, l.src_ip, "
     "l.src_rdns, l.src_loc, l.src_isp, NULL, l.result, l.reason, l.rule, NULL, NULL, 1 "
     "FROM (SELECT * FROM log WHERE id > ? ORDER BY id LIMIT ?) AS l "
     "LEFT JOIN app_passwords AS p ON p.id = l.pwid ORDER BY l.id"},
    // The predecessor wrote all alike.
    {PastTable::log,
     "SELECT l.id, CAST(l.timestamp AS CHAR), p.uid, l.pwid, p.comment, l.service, l.src_ip, "
     "l.src_rdns, l.src_loc, l.src_isp, NULL, 'permit', NULL, NULL, NULL, NULL, 1 "
     "FROM (SELECT * FROM log WHERE id > ? ORDER BY id LIMIT ?) AS l "
     "LEFT JOIN app_passwords AS p ON p.id = l.pwid ORDER BY l.id"},
    {PastTable::connection_log,
     "SELECT l.id, CAST(coalesce(l.last, %) AS CHAR), l.username, l.pwid, p.comment, l.protocol, "
     "l.remote_ip, NULL, NULL, NULL, l.country, NULL, l.reason, l.rule, l.auth_ok, "
     "l.policy_reject, l.count "
     "FROM (SELECT * FROM connection_log WHERE id > ? ORDER BY id LIMIT ?) AS l "
     "LEFT JOIN app_passwords AS p ON p.id = l.pwid ORDER BY l.id"},
    {PastTable::connection_log,
     "SELECT id, CAST(% AS CHAR), username, NULL, NULL, protocol, remote_ip, NULL, NULL, NULL, "
     "country, NULL, NULL, NULL, auth_ok, policy_reject, 1 "
     "FROM connection_log AS l WHERE id > ? ORDER BY id LIMIT ?"},
};

}  // namespace

// The first that the database can make.
Result<std::string> History::query_for(PastTable table) {
  if (const auto known = queries_.find(table); known != queries_.end()) return known->second;
  for (const Query& query : queries) {
    if (query.table != table) continue;
    auto sql = std::string(query.sql);
    if (const auto at = sql.find('%'); at != sql.npos) sql.replace(at, 1, utc_of_datetime());
    const auto works = can(sql);
    if (!works) return works.error();
    if (*works) return queries_[table] = std::move(sql);
  }
  if (table == PastTable::log) return Error{"the database has no table log that can be read"};
  return queries_[table] = "";
}

Result<std::int64_t> History::last_id(PastTable table) {
  const auto query = query_for(table);
  if (!query) return query.error();
  if (query->empty()) return 0;
  return number(cat("SELECT max(id) FROM ", table == PastTable::log ? "log" : "connection_log"));
}

Result<std::vector<PastRow>> History::rows_after(PastTable table, std::int64_t id,
                                                 std::size_t limit) {
  const auto query = query_for(table);
  if (!query) return query.error();
  if (query->empty()) return std::vector<PastRow>();
  return rows(*query, id, limit);
}

Result<std::unique_ptr<History>> open_history(const DatabaseOptions& options) {
  if (options.backend == "sqlite") return open_sqlite_history(options);
  const auto hosts = hosts_of(options);
  if (!hosts) return hosts.error();
  std::string problems;
  for (std::size_t host = 0; host < hosts->size(); host++) {
    auto history = open_mysql_history(options, host);
    if (history) return history;
    problems += cat(problems.empty() ? "" : "\n", history.error().text);
  }
  return Error{problems};
}

}  // namespace stores
