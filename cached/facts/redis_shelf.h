// The Shelf that mail hosts share: a Redis or KeyDB with one hash per key.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cached/clients/redis.h"
#include "cached/facts/shelf.h"

namespace facts {

// Keys, behind [redis] prefix: KEY has the fields, claim:KEY who asks the world about it, flushed
// the time of erase_all(). Each command is about one key: they may be in a cluster behind a proxy.
class RedisShelf final : public Shelf {
 public:
  explicit RedisShelf(std::shared_ptr<clients::Redis> redis) : redis_(std::move(redis)) {}

  loop::Task<Kept> read(std::string key) override;
  void write(std::string key, Fields fields, std::chrono::seconds kept) override;
  void erase(std::string key) override;
  void erase_all() override;
  loop::Task<bool> claim(std::string key) override;
  bool is_shared() const override { return true; }
  bool is_away() const override { return redis_->is_away(); }
  void stop() override { redis_->stop(); }

 private:
  const std::shared_ptr<clients::Redis> redis_;
};

}  // namespace facts
