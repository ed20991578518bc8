// co_await of a point in time: the coroutine goes on after that many milliseconds.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <coroutine>

#include "cached/loop/handle.h"

namespace loop {

class Sleep {
 public:
  Sleep(uv_loop_t* loop, std::chrono::milliseconds time) : timer_(new_timer(loop)), time_(time) {}

  bool await_ready() const { return time_.count() <= 0; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    timer_->data = this;
    const auto wake = [](uv_timer_t* timer) { static_cast<Sleep*>(timer->data)->waiter_.resume(); };
    uv_timer_start(timer_.get(), wake, static_cast<std::uint64_t>(time_.count()), 0);
  }
  void await_resume() const {}

 private:
  Handle<uv_timer_t> timer_;
  const std::chrono::milliseconds time_;
  std::coroutine_handle<> waiter_;
};

inline Sleep sleep(uv_loop_t* loop, std::chrono::milliseconds time) { return {loop, time}; }

}  // namespace loop
