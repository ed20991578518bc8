// See repeats.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/repeats.h"

#include <sodium.h>
#include <algorithm>

#include "cached/base/text.h"

namespace trail {

using base::cat;
using loop::Task;
using std::chrono::milliseconds;

namespace {

// At once, so that of two hosts one begins the bucket. ARGV: bucket and prolong in milliseconds.
// What is left of the bucket there was; 0: there was none.
constexpr char script[] =
    "if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 0 end "
    "local left = math.min(tonumber(ARGV[1]), "
    "redis.call('PTTL', KEYS[1]) + tonumber(ARGV[2])) "
    "redis.call('PEXPIRE', KEYS[1], left) return left";

}  // namespace

Repeats::Repeats(std::size_t most, std::shared_ptr<clients::Redis> redis)
    : most_(most), redis_(std::move(redis)) {}

// A hash, because clients choose how long the texts are.
std::string Repeats::key_of(const stores::Use& use) {
  std::string text = std::to_string(use.password_id);
  for (const std::string* part :
       {&use.service, &use.remote_ip, &use.result, &use.reason, &use.rule})
    text += cat("\n", *part);  // there is none in them: base::printable
  unsigned char hash[16];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  char hex[2 * sizeof hash + 1];
  return sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
}

bool Repeats::is_repeat(const std::string& key, const Bucket& bucket) {
  const auto now = Clock::now();
  const auto known = entries_.find(key);
  const bool repeated = known != entries_.end() && now < known->second->end;
  if (!repeated) {
    remember(key, now + bucket.bucket);
    return false;
  }
  Entry& entry = *known->second;
  entry.end = std::min(now + bucket.bucket, entry.end + bucket.prolong);
  order_.splice(order_.end(), order_, known->second);
  if (has_others() && bucket.prolong.count() > 0) redis_->tell(command(key, bucket));
  return true;
}

void Repeats::remember(const std::string& key, Clock::time_point end) {
  if (const auto known = entries_.find(key); known != entries_.end()) {
    const auto entry = known->second;  // the key is in it
    entries_.erase(known);
    order_.erase(entry);
  }
  while (!order_.empty() && order_.size() >= most_) {
    entries_.erase(order_.front().key);
    order_.pop_front();
  }
  if (most_ == 0) return;
  order_.push_back({key, end});
  entries_.emplace(order_.back().key, std::prev(order_.end()));
}

std::vector<std::string> Repeats::command(const std::string& key, const Bucket& bucket) const {
  return {"EVAL",
          script,
          "1",
          cat(redis_->prefix(), "use:", key),
          std::to_string(bucket.bucket.count()),
          std::to_string(bucket.prolong.count())};
}

Task<bool> Repeats::is_repeat_elsewhere(std::string key, Bucket bucket) {
  auto asking = redis_->command(command(key, bucket));
  const auto left = co_await asking;
  if (!left || left->is != clients::RedisValue::Is::number || left->number <= 0) co_return false;
  remember(key, Clock::now() + milliseconds(left->number));
  co_return true;
}

}  // namespace trail
