// See sqlite_connection_log.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/sqlite_connection_log.h"

#include "cached/base/clock.h"
#include "cached/stores/store.h"

namespace stores {

using base::Result;
using base::Status;

namespace {

std::string text_of(std::int64_t milliseconds) {
  using namespace std::chrono;
  return base::utc_text(system_clock::time_point(std::chrono::milliseconds(milliseconds)));
}

std::int64_t number_of(const std::optional<bool>& judged) { return judged ? *judged : -1; }

}  // namespace

Status SqliteConnectionLog::record(std::span<const Attempts> rows) {
  Status status = session_.begin();
  for (const Attempts& row : rows)
    if (status) status = write(row);
  return session_.end(std::move(status));
}

Status SqliteConnectionLog::write(const Attempts& row) {
  const auto insert = session_.use(
      write_,
      "INSERT INTO connection_log (datetime, protocol, username, remote_ip, country, host, "
      "session, rule, reason, first, last, auth_ok, policy_reject, pwid, count, number) VALUES "
      "(substr(?9, 1, 19), nullif(?1, ''), nullif(?2, ''), nullif(?3, ''), nullif(?4, ''), ?5, "
      "nullif(?6, ''), nullif(?7, ''), nullif(?8, ''), ?9, ?10, nullif(?11, -1), nullif(?12, -1), "
      "nullif(?13, 0), ?14, ?15) ON CONFLICT (host, number) DO UPDATE SET "
      "last = max(last, excluded.last), count = max(count, excluded.count)");
  if (!insert) return insert.error();
  const std::string first = text_of(row.first), last = text_of(row.last);
  int at = 1;
  for (const std::string* text : {&row.protocol, &row.user, &row.remote_ip, &row.country, &row.host,
                                  &row.session, &row.rule, &row.reason, &first, &last})
    (*insert)->bind(at++, *text);
  for (const std::int64_t number : {number_of(row.auth_ok), number_of(row.policy_reject),
                                    row.password_id, row.count, row.number})
    (*insert)->bind(at++, number);
  return session_.run(**insert);
}

Result<std::int64_t> SqliteConnectionLog::purge(std::int64_t before) {
  const auto remove =
      session_.use(purge_,
                   "DELETE FROM connection_log WHERE id IN (SELECT id FROM connection_log "
                   "WHERE datetime < ?1 ORDER BY datetime LIMIT ?2)");
  if (!remove) return remove.error();
  const std::string time = text_of(before * 1000).substr(0, 19);
  (*remove)->bind(1, time);
  (*remove)->bind(2, static_cast<std::int64_t>(Connection::most_purged));
  const Status status = session_.run(**remove);
  if (!status) return status.error();
  return session_.changed_rows();
}

}  // namespace stores
