// Task<T>: a coroutine that waits on the loop. Lazy, move-only, resumes its waiter by symmetric
// transfer; never cancelled. spawn() starts one that nobody waits for.
// Mind the await rule (scripts/check-awaits): an await is a statement of its own, its arguments
// have names.
// SPDX-License-Identifier: MIT

#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "cached/base/check.h"

namespace loop {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> waiter;

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      return self.promise().waiter;
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() {}
  void take() {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // Awaited once: starts the coroutine and hands over its result.
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

// How many spawned tasks have not ended. 0 before the loop may be left.
inline int& roots() {
  static int count = 0;
  return count;
}

namespace detail {

struct Root {
  struct promise_type {
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { std::terminate(); }
    void return_void() { roots()--; }
  };
};

inline Root run_root(Task<void> task) {
  roots()++;
  co_await task;
}

}  // namespace detail

// Runs the task until its first wait, then goes on without it.
inline void spawn(Task<void> task) { detail::run_root(std::move(task)); }

}  // namespace loop
