// The database of app passwords as the loop sees it.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "cached/stores/pool.h"
#include "cached/stores/store.h"

namespace stores {

class Database {
 public:
  Database(uv_loop_t* loop, const DatabaseOptions& options);

  // As Connection's. The arguments must outlive the task.
  loop::Task<base::Result<std::vector<AppPassword>>> passwords_of(const std::string& user,
                                                                  std::size_t limit);
  loop::Task<base::Result<std::vector<std::int64_t>>> by_last_use(const std::string& user,
                                                                  std::size_t limit);
  loop::Task<base::Status> record(const std::vector<Use>& uses);

 private:
  Pool<Connection> pool_;
};

}  // namespace stores
