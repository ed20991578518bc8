// Runs one task on a fresh libuv loop to its end, for tests.
// SPDX-License-Identifier: MIT

#pragma once

#include <doctest/doctest.h>
#include <uv.h>

#include "cached/loop/task.h"

namespace tests {

struct TestLoop {
  uv_loop_t loop;
  uv_timer_t pulse;
  TestLoop() {
    REQUIRE(uv_loop_init(&loop) == 0);
    // UV_RUN_ONCE runs what is due before it waits for more: when that was the last there is, it
    // would wait for ever.
    uv_timer_init(&loop, &pulse);
    uv_timer_start(
        &pulse, [](uv_timer_t*) {}, 20, 20);
    uv_unref(reinterpret_cast<uv_handle_t*>(&pulse));
  }
  // A handle that was forgotten open makes this fail.
  ~TestLoop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&pulse), nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
  }

  void run(loop::Task<void> task) {
    bool over = false;
    loop::spawn(watch(std::move(task), over));
    while (!over && uv_run(&loop, UV_RUN_ONCE) != 0) {
    }
    REQUIRE(over);
  }

  // Until it holds, whatever else the machine does; false: it never does.
  template <class Condition>
  bool run_until(Condition holds) {
    for (const auto end = uv_hrtime() + 20'000'000'000u; !holds() && uv_hrtime() < end;)
      uv_run(&loop, UV_RUN_ONCE);
    return holds();
  }

  static loop::Task<void> watch(loop::Task<void> task, bool& over) {
    co_await task;
    over = true;
  }

  template <class T>
  static loop::Task<void> keep(loop::Task<T> task, std::optional<T>& result) {
    T value = co_await task;
    result.emplace(std::move(value));
  }

  // What the task returned.
  template <class T>
  T result_of(loop::Task<T> task) {
    std::optional<T> result;
    run(keep(std::move(task), result));
    return std::move(*result);
  }
};

}  // namespace tests
