// The store as the loop sees it: queries run on the database lane, each with a connection of its
// own. A connection that failed is closed; the next query opens another.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/loop/lane.h"
#include "cached/loop/task.h"
#include "cached/stores/store.h"

namespace stores {

class Pool {
 public:
  Pool(uv_loop_t* loop, DatabaseOptions options);

  // As Connection's. The arguments must outlive the task.
  loop::Task<base::Result<std::vector<AppPassword>>> passwords_of(const std::string& user,
                                                                  std::size_t limit);
  loop::Task<base::Status> record(const std::vector<Use>& uses);

 private:
  std::unique_ptr<Connection> take();  // null: none is idle
  void keep(std::unique_ptr<Connection> connection);

  // On a pool thread: calls query(connection) and returns what it returns.
  template <class T, class Query>
  base::Result<T> perform(Query query);
  template <class T, class Query>
  loop::Task<base::Result<T>> run(Query query);

  const DatabaseOptions options_;
  loop::Lane lane_;
  std::mutex mutex_;  // idle_ is the one thing here that pool threads touch
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace stores
