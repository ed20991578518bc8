// A Redis or KeyDB server, by hiredis on the loop. It is a cache: whoever cannot have an answer
// does without.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/loop/task.h"

namespace clients {

using RedisOptions = decltype(config::Options::redis);

// What the server answered; an error of the server is no value, and is logged.
struct RedisValue {
  enum class Is { nil, text, number, list } is = Is::nil;
  std::string text;  // of text and status
  long long number = 0;
  std::vector<std::string> list;  // of texts; anything deeper is an error
};

// An error names what is wrong with [redis].
base::Status check_redis(const RedisOptions& options);

class Redis {
 public:
  static constexpr std::size_t most_commands = 10'000;  // under way; beyond, at once no value
  static constexpr std::size_t most_bytes = 1 << 20;  // of a value; beyond, the connection is lost

  Redis(uv_loop_t* loop, const RedisOptions& options);
  ~Redis();  // ends every command, as stop() does

  // nullopt: the server is away, did not answer within [redis] query_time, or refused. Connects by
  // itself, and again after a pause that doubles from 100 ms to 30 s. One line in the log when it
  // goes away and one when it is back.
  loop::Task<std::optional<RedisValue>> command(std::vector<std::string> words);

  // The same, when nobody cares for the answer.
  void tell(std::vector<std::string> words);

  bool is_away() const;               // no command would be sent now
  const std::string& prefix() const;  // [redis] prefix: of all keys

  // Every command fails, at once: those under way, and those still to come.
  void stop();

 private:
  struct Command;
  struct State;
  const std::unique_ptr<State> state_;
};

// null: [redis] names no server.
std::shared_ptr<Redis> make_redis(uv_loop_t* loop, const RedisOptions& options);

}  // namespace clients
