// Where what the registries said is kept beyond this process: shared by hosts (Redis), or across
// restarts (SQLite). Whatever goes wrong there is a miss, and a line in the log.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cached/clients/redis.h"
#include "cached/config/options.h"
#include "cached/loop/task.h"

namespace facts {

class Shelf {
 public:
  static constexpr std::size_t most_bytes = 64 << 10;  // of what is kept of a key: more is not read

  using Fields = std::vector<std::pair<std::string, std::string>>;
  using Time = std::chrono::system_clock::time_point;

  struct Kept {
    Fields fields;  // none: nothing is kept, or it could not be read in time
    Time flushed;   // what was told before then does not count
  };

  virtual ~Shelf() = default;

  // `key` is of [a-z0-9:.-], without the prefix. Ends within [redis] query_time, or 100 ms.
  virtual loop::Task<Kept> read(std::string key) = 0;

  // Whether read() may bring something: a no is cheap.
  virtual bool may_have(const std::string&) const { return true; }

  // Adds fields, or replaces those of the same names; one without a value ends. All of the key goes
  // after that time, when no later write says longer. Nobody waits for it.
  virtual void write(std::string key, Fields fields, std::chrono::seconds kept) = 0;

  virtual void erase(std::string key) = 0;
  virtual void erase_all() = 0;  // by `flushed`: nothing is searched for

  // Whether this process is the one to ask the world about the key; for 4 s no other one is told
  // so. Always, where nobody shares it or it is away.
  virtual loop::Task<bool> claim(std::string key) = 0;
  virtual bool is_shared() const = 0;

  // Whether what is written or erased now would be lost.
  virtual bool is_away() const { return false; }

  // From now on nothing is read. What was written before is still kept, where that takes no
  // waiting for others.
  virtual void stop() = 0;
};

// In Redis when there is one, or else by [registry] cache; null: by neither.
std::unique_ptr<Shelf> make_shelf(uv_loop_t* loop, const config::Options& options,
                                  std::shared_ptr<clients::Redis> redis);

}  // namespace facts
