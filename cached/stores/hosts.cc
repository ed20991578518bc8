// See hosts.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/hosts.h"

#include <algorithm>

#include "cached/base/log.h"
#include "cached/base/text.h"

namespace stores {
namespace {

constexpr std::chrono::milliseconds first_rest{50};
constexpr Hosts::Clock::duration longest_rest_of_all = std::chrono::seconds(1);
constexpr int most_doublings = 10;
constexpr int rest_for_trying = 20;  // times what it took

}  // namespace

Hosts::Hosts(std::string kind, std::vector<std::string> names,
             std::chrono::milliseconds longest_rest)
    : kind_(std::move(kind)), longest_rest_(longest_rest) {
  for (std::string& name : names) {
    hosts_.emplace_back();
    hosts_.back().name = std::move(name);
  }
}

bool Hosts::may_be_tried(const Host& host, Clock::time_point now) const {
  return host.failures == 0 || (!host.being_tried && now >= host.rest_until);
}

bool Hosts::anyone_is_up() const {
  return std::any_of(hosts_.begin(), hosts_.end(), [](const Host& h) { return h.failures == 0; });
}

std::optional<std::size_t> Hosts::next(std::size_t from, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = from; i < hosts_.size(); i++) {
    if (!may_be_tried(hosts_[i], now)) continue;
    hosts_[i].being_tried = true;
    hosts_[i].tried_at = now;
    return i;
  }
  return std::nullopt;
}

void Hosts::up(std::size_t host) {
  const std::scoped_lock lock(mutex_);
  Host& answering = hosts_[host];
  if (answering.failures)
    base::log::notice(base::cat(kind_, " ", answering.name, ": answers again"));
  answering.failures = 0;
  answering.being_tried = false;
}

void Hosts::down(std::size_t host, const std::string& problem, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  Host& silent = hosts_[host];
  last_problem_ = problem;
  if (silent.failures > 0 && now < silent.rest_until) return;  // found out by others before
  if (silent.failures++ == 0) base::log::error(problem);
  silent.being_tried = false;
  const Clock::duration doubled = first_rest * (1 << std::min(silent.failures - 1, most_doublings));
  silent.rest_until = now + std::min(Clock::duration(longest_rest_), doubled);
  if (anyone_is_up()) return;
  const Clock::duration worth = rest_for_trying * (now - silent.tried_at);
  const auto latest = now + std::min(longest_rest_of_all, worth);
  for (Host& each : hosts_) each.rest_until = std::min(each.rest_until, latest);
}

bool Hosts::is_down(std::size_t host) {
  const std::scoped_lock lock(mutex_);
  return hosts_[host].failures > 0;
}

bool Hosts::has_better(std::size_t host, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  const auto end = hosts_.begin() + static_cast<std::ptrdiff_t>(host);
  return std::any_of(hosts_.begin(), end, [&](const Host& h) { return may_be_tried(h, now); });
}

std::string Hosts::last_problem() {
  const std::scoped_lock lock(mutex_);
  return last_problem_;
}

}  // namespace stores
