// See redis_shelf.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/redis_shelf.h"

#include <optional>
#include <utility>

#include "cached/base/text.h"
#include "cached/loop/group.h"

namespace facts {
namespace {

using clients::RedisValue;
using loop::Task;

constexpr char claim_time[] = "4000";  // ms

// At once, so that no key is ever without an end, and none loses time it was given before: EXPIRE
// has GT for that, but only in Redis 7. ARGV: seconds, then fields and values.
constexpr char write_script[] =
    "for i = 2, #ARGV, 2 do "
    "if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i]) "
    "else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end end "
    "if redis.call('TTL', KEYS[1]) < tonumber(ARGV[1]) "
    "then redis.call('EXPIRE', KEYS[1], ARGV[1]) end";

// Whatever is not what we wrote is nothing.
Shelf::Fields fields_of(std::optional<RedisValue> value) {
  Shelf::Fields fields;
  if (!value || value->list.size() % 2 != 0) return fields;
  std::size_t bytes = 0;
  for (const auto& each : value->list) bytes += each.size();
  if (bytes > Shelf::most_bytes) return fields;
  for (std::size_t i = 0; i < value->list.size(); i += 2)
    fields.emplace_back(std::move(value->list[i]), std::move(value->list[i + 1]));
  return fields;
}

// Milliseconds since 1970. What is far ahead of our clock is none: nothing would ever count again.
Shelf::Time time_of(const RedisValue& value) {
  constexpr std::chrono::hours ahead{24};
  const std::chrono::milliseconds told(base::parse_number<std::int64_t>(value.text).value_or(0));
  const auto latest = std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch() + ahead);
  const bool is_good = told.count() > 0 && told < latest;
  return is_good ? Shelf::Time(told) : Shelf::Time();
}

}  // namespace

Task<Shelf::Kept> RedisShelf::read(std::string key) {
  loop::Group<std::optional<RedisValue>> group;  // sent together
  group.add(redis_->command({"HGETALL", redis_->prefix() + key}));
  group.add(redis_->command({"GET", redis_->prefix() + "flushed"}));
  auto results = group.results();
  auto answers = co_await results;
  // What was flushed must not come back because only the second answer is missing.
  if (!answers[1]) co_return Kept{};
  co_return Kept{fields_of(std::move(answers[0])), time_of(*answers[1])};
}

void RedisShelf::write(std::string key, Fields fields, std::chrono::seconds kept) {
  if (fields.empty() || kept.count() <= 0) return;
  std::vector<std::string> words = {"EVAL", write_script, "1", redis_->prefix() + key,
                                    std::to_string(kept.count())};
  for (auto& [name, value] : fields) {
    words.push_back(std::move(name));
    words.push_back(std::move(value));
  }
  redis_->tell(std::move(words));
}

void RedisShelf::erase(std::string key) { redis_->tell({"DEL", redis_->prefix() + key}); }

void RedisShelf::erase_all() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  redis_->tell(
      {"SET", redis_->prefix() + "flushed", std::to_string(now.time_since_epoch().count())});
}

Task<bool> RedisShelf::claim(std::string key) {
  auto asking =
      redis_->command({"SET", redis_->prefix() + "claim:" + key, "1", "NX", "PX", claim_time});
  const auto answer = co_await asking;
  co_return !answer || answer->is != RedisValue::Is::nil;
}

}  // namespace facts
