// One connection to a Redis server: commands there, answers back in their order. Only redis.cc has
// to do with it. It is hiredis' plain, non-blocking context on the loop and not its asynchronous
// one, in which a server that answers what it was not asked fails an assertion and ends us.
// SPDX-License-Identifier: MIT

#pragma once

#include <hiredis/hiredis.h>
#include <uv.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/base/secret.h"
#include "cached/clients/redis.h"
#include "cached/loop/poll.h"

namespace clients {

// Where a server is. With a path it is a UNIX socket.
struct RedisPlace {
  std::string path;
  std::string host;
  std::uint16_t port = 6379;
};
base::Result<RedisPlace> parse_redis_place(const std::string& text);

class RedisLink {
 public:
  struct Listener {
    virtual base::Status connected() = 0;  // now send what is to be said first
    // An error of the answer says why there is none. One that is returned gives the link up.
    virtual base::Status answered(base::Result<RedisValue> answer) = 0;
    virtual void processed() = 0;                // all there was to read
    virtual void lost(std::string problem) = 0;  // may destroy the link

   protected:
    ~Listener() = default;
  };

  // `address` is one of the host's, in numbers. An answer of more than `most_bytes` gives the link
  // up.
  static base::Result<std::unique_ptr<RedisLink>> connect(uv_loop_t* loop, const RedisPlace& place,
                                                          const std::string& address,
                                                          std::size_t most_bytes,
                                                          Listener& listener);
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  void send(const std::vector<std::string>& words);

  // AUTH, before anything else is sent: it goes out at once, and its bytes are wiped.
  base::Status log_in(std::string_view user, const base::Secret& password);

  std::size_t unsent() const;  // bytes

  // Reads what is there now, without being told that there is something.
  void look() { ready(true, false); }

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  using Context = std::unique_ptr<redisContext, Free>;

  RedisLink(uv_loop_t* loop, Context context, std::size_t most_bytes, Listener& listener);
  void ready(bool readable, bool writable);
  base::Status receive();
  base::Status parse();
  base::Status flush();
  base::Error failure() const;

  const std::size_t most_bytes_;
  Listener& listener_;
  redisReplyObjectFunctions makers_{};
  const Context context_;
  loop::Poll poll_;             // goes before the context closes the socket
  std::size_t unfinished_ = 0;  // bytes read of the answer that is coming in
  bool connected_ = false;
};

}  // namespace clients
