// Something that speaks as a Redis server does, well or badly, on a port of its own.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cached/config/options.h"

namespace tests {

using Words = std::vector<std::string>;

std::string bulk(const std::string& text);  // $3\r\nabc\r\n
std::string list(const Words& words);       // *1\r\n$3\r\nabc\r\n

class RedisServer {
 public:
  // What is sent for a command, byte for byte; empty: nothing.
  using Behaviour = std::function<std::string(const Words& words)>;

  explicit RedisServer(uv_loop_t* loop);
  ~RedisServer();

  static std::string obliging(const Words& words);  // +PONG or +OK
  Behaviour behaviour = obliging;
  std::string greeting;  // sent to who connects, before being asked anything

  int connections = 0;  // so far
  std::vector<Words> heard;

  int count(const std::string& verb) const;  // how often it was heard
  void close_all();                          // connections
  void leave();                              // and nobody listens any more
  void listen();                             // again, to the same port
  decltype(config::Options::redis) options() const;

 private:
  struct Connection;
  void accept();

  uv_loop_t* const loop_;
  uv_tcp_t* listener_ = nullptr;
  int port_ = 0;
  std::set<Connection*> open_;
};

}  // namespace tests
