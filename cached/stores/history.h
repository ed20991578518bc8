// What the log and connection_log tables remember, read in pages from the oldest row on, for
// reports. A page is a query of its own, so that no lock and no old state of a table is held, and
// costs the same wherever it is.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cached/stores/store.h"

namespace stores {

// A row of one of the tables, texts as they are there; empty: NULL, or the table has no such
// column.
struct PastRow {
  std::int64_t id = 0;
  std::string time;  // YYYY-MM-DD HH:MM:SS and maybe parts of it, UTC; of several, the last
  std::string user, password_id, comment, service, remote_ip;
  std::string reverse_name, location, isp, country;
  std::string result, reason, rule;
  std::string auth_ok, policy_reject;  // 0 or 1
  std::int64_t times = 1;
};

enum class PastTable { log, connection_log };

class History {
 public:
  virtual ~History() = default;

  // 0: it has no rows, or is not there.
  base::Result<std::int64_t> last_id(PastTable table);

  // At most `limit` rows with a higher id, the lowest first. Of a predecessor's table, too, which
  // lacks columns of ours.
  base::Result<std::vector<PastRow>> rows_after(PastTable table, std::int64_t id,
                                                std::size_t limit);

 protected:
  // Whether the query can be made: what it names is there, and for us.
  virtual base::Result<bool> can(std::string_view sql) = 0;
  // `sql` has the columns of PastRow, and as parameters an id and a limit.
  virtual base::Result<std::vector<PastRow>> rows(const std::string& sql, std::int64_t id,
                                                  std::size_t limit) = 0;
  virtual base::Result<std::int64_t> number(const std::string& sql) = 0;
  virtual std::string_view utc_of_datetime() const = 0;  // of connection_log's column

 private:
  base::Result<std::string> query_for(PastTable table);

  std::map<PastTable, std::string> queries_;  // empty: the table is not there
};

// Blocks, for [database] connect_time and, each call, query_time at most. The database is not
// written to, nor made. To the first host that answers.
base::Result<std::unique_ptr<History>> open_history(const DatabaseOptions& options);

}  // namespace stores
