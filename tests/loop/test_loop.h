// Runs one task on a fresh libuv loop to its end, for tests.
// SPDX-License-Identifier: MIT

#pragma once

#include <doctest/doctest.h>
#include <uv.h>

#include "cached/loop/task.h"

namespace tests {

struct TestLoop {
  uv_loop_t loop;
  TestLoop() { REQUIRE(uv_loop_init(&loop) == 0); }
  // A handle that was forgotten open makes this fail.
  ~TestLoop() {
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
  }

  void run(loop::Task<void> task) {
    const int before = loop::roots();
    loop::spawn(std::move(task));
    while (loop::roots() > before) uv_run(&loop, UV_RUN_ONCE);
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
    while (!result && uv_run(&loop, UV_RUN_ONCE) != 0) {  // others have ended in its place
    }
    REQUIRE(result.has_value());
    return std::move(*result);
  }
};

}  // namespace tests
