// Which uses are one row of the log table: the same password for the same service from the same
// address, within a while. As this host remembers it, and with Redis as all hosts do.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "cached/clients/redis.h"
#include "cached/loop/task.h"
#include "cached/stores/store.h"

namespace trail {

// [audit] log_bucket and log_prolong, as dovecot_web_auth had db_authlog_dd_hash_bucket and
// db_authlog_dd_per_login: for how long further uses are no row, and by how much each of them makes
// that longer, up to `bucket` from then on. bucket 0: every use is a row.
struct Bucket {
  std::chrono::milliseconds bucket{}, prolong{};
};

class Repeats {
 public:
  // At most `most` uses are remembered; then those are forgotten that were longest ago.
  Repeats(std::size_t most, std::shared_ptr<clients::Redis> redis);

  // Uses that ended otherwise, or for another reason, are no repeats of each other.
  static std::string key_of(const stores::Use& use);

  // As far as this host knows. What is no repeat begins a bucket.
  bool is_repeat(const std::string& key, const Bucket& bucket);

  // For what has just begun one here: whether others can be asked, and have one.
  bool has_others() const { return redis_ && !redis_->is_away(); }
  loop::Task<bool> is_repeat_elsewhere(std::string key, Bucket bucket);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    std::string key;
    Clock::time_point end;
  };

  std::vector<std::string> command(const std::string& key, const Bucket& bucket) const;
  void remember(const std::string& key, Clock::time_point end);

  const std::size_t most_;
  std::list<Entry> order_;  // the first to be forgotten in front
  std::unordered_map<std::string_view, std::list<Entry>::iterator> entries_;
  const std::shared_ptr<clients::Redis> redis_;  // may be null
};

}  // namespace trail
