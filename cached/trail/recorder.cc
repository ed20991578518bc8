// See recorder.h. One coroutine writes; everybody else only appends.
// SPDX-License-Identifier: MIT

#include "cached/trail/recorder.h"

#include <algorithm>
#include <chrono>

#include "cached/base/text.h"
#include "cached/loop/sleep.h"

namespace trail {

using loop::Task;

namespace {
constexpr std::size_t batch_limit = 500;
constexpr std::chrono::milliseconds gathering{100};  // a transaction costs more than a row
constexpr std::chrono::milliseconds pause_after_failure{1000};
}  // namespace

struct Recorder::Arrival {
  Recorder& recorder;
  bool await_ready() const { return !recorder.waiting_.empty() || recorder.finishing_; }
  void await_suspend(std::coroutine_handle<> handle) { recorder.idle_ = handle; }
  void await_resume() const {}
};

Recorder::Recorder(uv_loop_t* loop, stores::Database& store, std::size_t queue_limit)
    : loop_(loop), store_(store), queue_limit_(queue_limit) {
  loop::spawn(run());
}

void Recorder::add(stores::Use use) {
  if (waiting_.size() >= queue_limit_) {
    full_.warning(base::cat("login not recorded, [database] log_queue is full: app password ",
                            use.password_id, " from ", use.remote_ip));
    return;
  }
  waiting_.push_back(std::move(use));
  if (finished_) {  // a request that was answered while cached is leaving
    finished_ = false;
    loop::spawn(run());
  }
  if (idle_) std::exchange(idle_, nullptr).resume();
}

void Recorder::finish() {
  finishing_ = true;
  if (idle_) std::exchange(idle_, nullptr).resume();
}

Task<void> Recorder::run() {
  while (!finishing_ || !waiting_.empty()) {
    Arrival arrival{*this};
    co_await arrival;
    if (!finishing_ && waiting_.size() < batch_limit) {
      auto gather = loop::sleep(loop_, gathering);
      co_await gather;
    }
    const bool written = co_await write_batch();
    if (written) continue;
    if (finishing_) break;
    auto pause = loop::sleep(loop_, pause_after_failure);
    co_await pause;
  }
  if (!waiting_.empty())
    base::log::error(base::cat(waiting_.size(), " logins could not be recorded"));
  finished_ = true;
}

Task<bool> Recorder::write_batch() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_limit));
  if (count == 0) co_return true;
  const std::vector<stores::Use> batch(waiting_.begin(), waiting_.begin() + count);
  const base::Status status = co_await store_.record(batch);
  if (status) waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  if (status && in_trouble_) base::log::notice("logins are recorded again");
  in_trouble_ = !status;
  if (!status) failed_.warning(base::cat("logins are not recorded yet: ", status.error().text));
  co_return static_cast<bool>(status);
}

}  // namespace trail
