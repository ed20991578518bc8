// See redis_report.h.
// SPDX-License-Identifier: MIT

#include "cached/clients/redis_report.h"

#include <utility>

#include "cached/base/text.h"

namespace clients {

using base::cat;

// What is refused for some keys and done for others is worth a line now and then only.
constexpr std::chrono::seconds without_refusal{10};

void RedisReport::away(const std::string& problem) {
  if (!std::exchange(away_, true))
    log_.warning(cat("redis ", server_, ": ", problem, ": done without until it is back"));
}

void RedisReport::back() {
  if (std::exchange(away_, false))
    log_.write(base::log::Level::notice, cat("redis ", server_, " is back"));
}

void RedisReport::refused(const std::string& verb, const std::string& why) {
  if (refused_.insert_or_assign(verb, Clock::now()).second)
    log_.warning(cat("redis ", server_, " refuses ", verb, ": ", why));
}

void RedisReport::done(const std::string& verb) {
  const auto known = refused_.find(verb);
  if (known == refused_.end() || Clock::now() - known->second < without_refusal) return;
  refused_.erase(known);
  log_.write(base::log::Level::notice, cat("redis ", server_, " does ", verb, " again"));
}

}  // namespace clients
