// See purge.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/purge.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "cached/base/text.h"
#include "cached/loop/sleep.h"

namespace trail {

using loop::Task;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr milliseconds shortest_pause{20}, longest_pause{1000};
constexpr int at_rest = 100;  // times as long as at work: less than 1 % of all logins meet it

std::uint64_t random_between(std::uint64_t least, std::uint64_t most) {
  std::random_device source;
  return std::uniform_int_distribution<std::uint64_t>(least, most)(source);
}

}  // namespace

Purge::Purge(uv_loop_t* loop, stores::Database& store, std::int64_t days)
    : loop_(loop), store_(store), days_(days), timer_(loop::new_timer(loop)) {
  if (days_ == 0) return;
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
  const auto tick = [](uv_timer_t* timer) { static_cast<Purge*>(timer->data)->look(); };
  uv_timer_start(timer_.get(), tick, random_between(500, 2000), random_between(40'000, 80'000));
}

void Purge::look() {
  if (days_ == 0 || running_) return;
  running_ = true;
  loop::spawn(run());
}

Task<void> Purge::run() {
  bool more = true;
  while (more && days_ > 0) {
    const auto began = Clock::now();
    more = co_await remove_some();
    if (!more) break;
    const auto took = std::chrono::ceil<milliseconds>(Clock::now() - began);
    auto pause = loop::sleep(loop_, std::clamp(took * at_rest, shortest_pause, longest_pause));
    co_await pause;
  }
  running_ = false;
}

// Failing once is nothing: another host may have been at the same rows.
Task<bool> Purge::remove_some() {
  using namespace std::chrono;
  const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch());
  const std::int64_t before = (now - hours(24) * days_).count();
  const auto purged = co_await store_.purge_attempts(before);
  failures_ = purged ? 0 : failures_ + 1;
  if (failures_ == 2)
    base::log::warning(base::cat("connection_log is not purged: ", purged.error().text));
  if (!purged) co_return false;
  purged_ += static_cast<std::uint64_t>(*purged);
  co_return *purged == static_cast<std::int64_t>(stores::Connection::most_purged);
}

}  // namespace trail
