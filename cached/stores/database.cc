// See database.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/database.h"

namespace stores {

using base::Result;
using loop::Task;

Database::Database(uv_loop_t* loop, const DatabaseOptions& options, const std::string& kind)
    : pool_(loop, kind, *hosts_of(options),  // good: the snapshot was loaded
            {threads_of(options), static_cast<std::size_t>(options.queue), options.query_time,
             longest_rest_of(options)},
            [options](std::size_t host) { return connect(options, host); }) {}

Task<Result<std::vector<AppPassword>>> Database::passwords_of(const std::string& user,
                                                              std::size_t limit) {
  const auto query = [&user, limit](Connection& c) { return c.passwords_of(user, limit); };
  auto rows = co_await pool_.run<std::vector<AppPassword>>(query);
  co_return rows;
}

Task<Result<std::vector<std::int64_t>>> Database::by_last_use(const std::string& user,
                                                              std::size_t limit) {
  using Ids = std::vector<std::int64_t>;
  const auto query = [&user, limit](Connection& c) { return c.by_last_use(user, limit); };
  auto ids = co_await pool_.run<Ids>(query);
  co_return ids;
}

Task<base::Status> Database::record(const std::vector<Use>& uses) {
  const auto query = [&uses](Connection& c) { return c.record(uses); };
  const auto status = co_await pool_.run<base::Done>(query);
  co_return status;
}

Task<Result<std::int64_t>> Database::purge_attempts(std::int64_t before) {
  using Count = std::int64_t;
  const auto query = [before](Connection& c) { return c.purge_attempts(before); };
  const auto purged = co_await pool_.run<Count>(query);
  co_return purged;
}

DatabaseOptions with_one_connection(DatabaseOptions options) {
  options.threads = 1;
  return options;
}

Task<base::Status> Database::perform(const Act& act) {
  const auto status = co_await pool_.run<base::Done>(act);
  co_return status;
}

}  // namespace stores
