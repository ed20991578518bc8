// For work that others need not wait for: co_await of a Behind goes on when the loop has done what
// had come in, so that answers leave before it.
// SPDX-License-Identifier: MIT

#pragma once

#include <coroutine>
#include <utility>
#include <vector>

#include "cached/loop/handle.h"

namespace loop {

class Behind {
 public:
  explicit Behind(uv_loop_t* loop) : check_(new uv_check_t), idle_(new uv_idle_t) {
    uv_check_init(loop, check_.get());
    uv_idle_init(loop, idle_.get());
    check_->data = this;
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    if (waiters_.empty()) start();
    waiters_.push_back(waiter);
  }
  void await_resume() const {}

 private:
  void start() {
    uv_idle_start(idle_.get(), [](uv_idle_t*) {});  // while it runs the loop does not sleep
    uv_check_start(check_.get(), [](uv_check_t* check) {
      auto& self = *static_cast<Behind*>(check->data);
      uv_check_stop(check);
      uv_idle_stop(self.idle_.get());
      for (const auto waiter : std::exchange(self.waiters_, {})) waiter.resume();
    });
  }

  Handle<uv_check_t> check_;
  Handle<uv_idle_t> idle_;
  std::vector<std::coroutine_handle<>> waiters_;
};

}  // namespace loop
