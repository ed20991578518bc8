// A limit on how long somebody waits for a task. The task itself is never cancelled: it goes on to
// its own end, and a result that comes late is dropped.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "cached/loop/handle.h"
#include "cached/loop/task.h"

namespace loop {

namespace detail {

template <class T>
struct Race {
  std::optional<T> value;
  std::coroutine_handle<> waiter;  // null until it waits, and again once it has been resumed
  bool late = false;
};

template <class T>
Task<void> run_race(std::shared_ptr<Race<T>> race, Task<T> task) {
  T value = co_await task;
  if (race->late) co_return;
  race->value.emplace(std::move(value));
  if (race->waiter) std::exchange(race->waiter, nullptr).resume();
}

template <class T>
struct Finish {
  Race<T>& race;
  uv_timer_t* timer;
  std::chrono::milliseconds time;

  bool await_ready() const { return race.value.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    race.waiter = waiter;
    timer->data = &race;
    const auto expire = [](uv_timer_t* fired) {
      auto& over = *static_cast<Race<T>*>(fired->data);
      if (!over.waiter) return;
      over.late = true;
      std::exchange(over.waiter, nullptr).resume();
    };
    uv_timer_start(timer, expire, static_cast<std::uint64_t>(time.count()), 0);
  }
  void await_resume() const {}
};

}  // namespace detail

// The task's result, or nullopt when it took longer than `time`. What the task refers to must
// outlive the task, not only this wait.
template <class T>
Task<std::optional<T>> within(uv_loop_t* loop, std::chrono::milliseconds time, Task<T> task) {
  const auto race = std::make_shared<detail::Race<T>>();
  const auto timer = new_timer(loop);
  spawn(detail::run_race(race, std::move(task)));
  detail::Finish<T> finish{*race, timer.get(), time};
  co_await finish;
  co_return std::move(race->value);
}

}  // namespace loop
