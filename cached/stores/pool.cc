// See pool.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/pool.h"

namespace stores {

using base::Result;
using loop::Task;

Pool::Pool(uv_loop_t* loop, DatabaseOptions options)
    : options_(std::move(options)),
      lane_(loop, "database", static_cast<std::size_t>(options_.threads),
            static_cast<std::size_t>(options_.queue), options_.query_time) {}

std::unique_ptr<Connection> Pool::take() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void Pool::keep(std::unique_ptr<Connection> connection) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(connection));
}

template <class T, class Query>
Result<T> Pool::perform(Query query) {
  std::unique_ptr<Connection> connection = take();
  if (connection) {
    Result<T> result = query(*connection);
    if (result)
      keep(std::move(connection));
    else if (!connection->is_stale())
      connection.reset();
    if (!connection) return result;
  }
  auto opened = connect(options_);  // there was none, or the one there was is stale
  if (!opened) return opened.error();
  Result<T> result = query(**opened);
  if (result) keep(std::move(*opened));
  return result;
}

template <class T, class Query>
Task<Result<T>> Pool::run(Query query) {
  auto job = [this, &query] { return perform<T>(query); };
  Result<Result<T>> result = co_await lane_.run(job);
  if (!result) co_return result.error();
  co_return std::move(*result);
}

Task<Result<std::vector<AppPassword>>> Pool::passwords_of(const std::string& user,
                                                          std::size_t limit) {
  const auto query = [&user, limit](Connection& c) { return c.passwords_of(user, limit); };
  auto rows = co_await run<std::vector<AppPassword>>(query);
  co_return rows;
}

Task<base::Status> Pool::record(const std::vector<Use>& uses) {
  const auto query = [&uses](Connection& c) { return c.record(uses); };
  const auto status = co_await run<base::Done>(query);
  co_return status;
}

}  // namespace stores
