// The database of app passwords as the loop sees it.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cached/stores/pool.h"
#include "cached/stores/store.h"

namespace stores {

class Database {
 public:
  // `kind` is for messages.
  Database(uv_loop_t* loop, const DatabaseOptions& options, const std::string& kind = "database");

  // As Connection's. The arguments must outlive the task.
  loop::Task<base::Result<std::vector<AppPassword>>> passwords_of(const std::string& user,
                                                                  std::size_t limit);
  loop::Task<base::Result<std::vector<std::int64_t>>> by_last_use(const std::string& user,
                                                                  std::size_t limit);
  loop::Task<base::Status> record(const std::vector<Use>& uses);
  loop::Task<base::Result<std::int64_t>> purge_attempts(std::int64_t before);

  // Whatever it does to a connection, on a thread of the pool; perhaps again on another one, when
  // the first turns out to be stale.
  using Act = std::function<base::Status(Connection&)>;
  loop::Task<base::Status> perform(const Act& act);

 private:
  Pool<Connection> pool_;
};

// With one connection: for what nobody waits for, and what must not take those that are waited for.
DatabaseOptions with_one_connection(DatabaseOptions options);

}  // namespace stores
