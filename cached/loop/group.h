// Several tasks of one kind side by side, awaited together.
// SPDX-License-Identifier: MIT

#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cached/loop/task.h"

namespace loop {

template <class T>
class Group {
 public:
  // Runs it until its first wait.
  void add(Task<T> task) {
    state_->results.emplace_back();
    state_->running++;
    spawn(run(state_, state_->results.size() - 1, std::move(task)));
  }

  // What each of them returned, in the order they were added. Awaited once, after the last add().
  Task<std::vector<T>> results() {
    const std::shared_ptr<State> state = state_;
    End end{*state};
    co_await end;
    std::vector<T> all;
    for (auto& result : state->results) all.push_back(std::move(*result));
    co_return all;
  }

 private:
  struct State {
    std::vector<std::optional<T>> results;
    std::size_t running = 0;
    std::coroutine_handle<> waiter{};
  };
  struct End {
    State& state;
    bool await_ready() const { return state.running == 0; }
    void await_suspend(std::coroutine_handle<> waiter) { state.waiter = waiter; }
    void await_resume() const {}
  };

  static Task<void> run(std::shared_ptr<State> state, std::size_t place, Task<T> task) {
    T value = co_await task;
    state->results[place].emplace(std::move(value));
    if (--state->running == 0 && state->waiter) state->waiter.resume();
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace loop
