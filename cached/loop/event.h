// Something that happens once. Any number of coroutines wait for it; those that come later do not
// wait at all.
// SPDX-License-Identifier: MIT

#pragma once

#include <coroutine>
#include <utility>
#include <vector>

#include "cached/loop/task.h"

namespace loop {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Lets all who wait go on, before it returns. The Event may be gone then.
  void happen() {
    happened_ = true;
    for (const auto waiter : std::exchange(waiters_, {})) waiter.resume();
  }
  bool happened() const { return happened_; }

  bool await_ready() const { return happened_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiters_.push_back(waiter); }
  void await_resume() const {}

 private:
  bool happened_ = false;
  std::vector<std::coroutine_handle<>> waiters_;
};

}  // namespace loop
