// What is said of a Redis server in the log: a line when something goes wrong and one when it is
// well again, and not more however often it is tried.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <map>
#include <string>

#include "cached/base/log.h"

namespace clients {

class RedisReport {
 public:
  explicit RedisReport(std::string server) : server_(std::move(server)) {}

  void away(const std::string& problem);
  void back();

  // Of a command, by its first word.
  void refused(const std::string& verb, const std::string& why);
  void done(const std::string& verb);

 private:
  using Clock = std::chrono::steady_clock;
  const std::string server_;
  bool away_ = false;
  std::map<std::string, Clock::time_point> refused_;  // when it last was
  base::log::Limited log_;
};

}  // namespace clients
