// Many want to know the same at the same time: one asks, and all get its answer.
// SPDX-License-Identifier: MIT

#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cached/loop/task.h"

namespace loop {

template <class T>
class Once {
 public:
  Once() = default;
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;  // it must outlive what it asks

  // What the task that is already being run for the key returns; if there is none, this task is
  // run, as a task of its own: whoever gives up waiting for it (loop::within) leaves it to the
  // others. T is copied.
  Task<T> find(std::string key, Task<T> task) {
    std::shared_ptr<Answer> answer = answer_to(key, std::move(task));
    Arrival arrival{*answer};
    co_await arrival;
    co_return *answer->value;
  }

  std::size_t size() const { return asked_.size(); }  // of the tasks that are being run

 private:
  struct Answer {
    std::optional<T> value;
    std::vector<std::coroutine_handle<>> waiters;
  };
  struct Arrival {
    Answer& answer;
    bool await_ready() const { return answer.value.has_value(); }
    void await_suspend(std::coroutine_handle<> waiter) { answer.waiters.push_back(waiter); }
    void await_resume() const {}
  };

  std::shared_ptr<Answer> answer_to(const std::string& key, Task<T> task) {
    const auto asked = asked_.find(key);
    if (asked != asked_.end()) return asked->second;
    const auto answer = std::make_shared<Answer>();
    asked_.emplace(key, answer);
    spawn(run(key, answer, std::move(task)));
    return answer;
  }

  Task<void> run(std::string key, std::shared_ptr<Answer> answer, Task<T> task) {
    T value = co_await task;
    asked_.erase(key);  // who asks from now on, asks anew
    answer->value.emplace(std::move(value));
    for (const auto waiter : std::exchange(answer->waiters, {})) waiter.resume();
  }

  std::unordered_map<std::string, std::shared_ptr<Answer>> asked_;
};

}  // namespace loop
