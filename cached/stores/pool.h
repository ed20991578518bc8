// Connections to one kind of server, as the loop sees them: queries run on a lane of their own,
// each with a connection of its own. One that failed is closed; the next query opens another, on
// the first host that answers.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/loop/lane.h"
#include "cached/loop/task.h"
#include "cached/stores/hosts.h"

namespace stores {

struct PoolLimits {
  std::size_t threads;
  std::size_t queue;
  std::chrono::milliseconds longest_wait;  // for a turn
  std::chrono::milliseconds longest_rest;  // of a host that does not answer
};

// C has is_stale(), asked after an error: true when what failed may well succeed on another
// connection, and running it twice does no harm. A C blocks and is used by one thread at a time.
template <class C>
class Pool {
 public:
  // Opens a connection to the host of that number, on a thread of the lane.
  using Connect = std::function<base::Result<std::unique_ptr<C>>(std::size_t host)>;

  // `kind` is for messages; `hosts` in order of preference.
  Pool(uv_loop_t* loop, const std::string& kind, std::vector<std::string> hosts,
       const PoolLimits& limits, Connect connect)
      : connect_(std::move(connect)),
        hosts_(kind, std::move(hosts), limits.longest_rest),
        lane_(loop, kind, {limits.threads, limits.queue, limits.longest_wait}) {}

  // query(connection) -> Result<T>, on a thread of the lane; what it refers to must outlive the
  // task. When the connection turns out to be stale it runs again: on a new one, and on the next
  // host.
  template <class T, class Query>
  loop::Task<base::Result<T>> run(Query& query) {
    auto job = [this, &query] { return perform<T>(query); };
    base::Result<base::Result<T>> result = co_await lane_.run(job);
    if (!result) co_return result.error();
    co_return std::move(*result);
  }

 private:
  using Clock = Hosts::Clock;

  struct Open {
    std::size_t host;
    std::unique_ptr<C> connection;
  };

  template <class T, class Query>
  base::Result<T> perform(Query& query) {
    if (auto idle = take()) {
      base::Result<T> result = query(*idle->connection);
      if (result) keep(std::move(*idle));
      if (result || !idle->connection->is_stale()) return result;
    }
    auto host = hosts_.next(0, Clock::now());
    for (; host; host = hosts_.next(*host + 1, Clock::now())) {
      auto result = perform_on<T>(*host, query);
      if (result) return std::move(*result);
    }
    return base::Error{hosts_.last_problem()};
  }

  // nullopt: it is down.
  template <class T, class Query>
  std::optional<base::Result<T>> perform_on(std::size_t host, Query& query) {
    auto opened = connect_(host);
    if (!opened) {
      hosts_.down(host, opened.error().text, Clock::now());
      return std::nullopt;
    }
    base::Result<T> result = query(**opened);
    if (!result && (*opened)->is_stale()) {
      hosts_.down(host, result.error().text, Clock::now());
      return std::nullopt;
    }
    hosts_.up(host);
    if (result) keep({host, std::move(*opened)});
    return result;
  }

  // An idle connection to a host that is not down.
  std::optional<Open> take() {
    std::vector<Open> given_up;  // closed without the lock
    const std::scoped_lock lock(mutex_);
    while (!idle_.empty()) {
      Open open = std::move(idle_.back());
      idle_.pop_back();
      if (!hosts_.is_down(open.host)) return open;
      given_up.push_back(std::move(open));
    }
    return std::nullopt;
  }

  // Closes it instead when a better host may be back: the next query will see.
  void keep(Open open) {
    if (hosts_.has_better(open.host, Clock::now())) return;
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(open));
  }

  const Connect connect_;
  Hosts hosts_;
  std::mutex mutex_;  // idle_
  std::vector<Open> idle_;
  loop::Lane lane_;  // the last: its threads use the others
};

}  // namespace stores
