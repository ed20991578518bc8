// Tasks, and what they wait for.
// SPDX-License-Identifier: MIT

#include "cached/loop/task.h"

#include <memory>
#include <string>
#include <vector>

#include "cached/loop/sleep.h"
#include "cached/loop/within.h"
#include "tests/loop/test_loop.h"

namespace {

using loop::Task;
using std::chrono::milliseconds;
using tests::TestLoop;

Task<int> give(int number) { co_return number; }

Task<int> sum_of_many(int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    const int one = co_await give(1);
    sum += one;
  }
  co_return sum;
}

Task<std::unique_ptr<std::string>> give_moved(std::unique_ptr<std::string> text) { co_return text; }

Task<void> write_after(uv_loop_t* loop, milliseconds time, int number, std::vector<int>& out) {
  auto pause = loop::sleep(loop, time);
  co_await pause;
  out.push_back(number);
}

Task<int> give_after(uv_loop_t* loop, milliseconds time, int number) {
  auto pause = loop::sleep(loop, time);
  co_await pause;
  co_return number;
}

struct Counted {
  explicit Counted(int& count) : count_(&count) { ++*count_; }
  Counted(const Counted& other) : count_(other.count_) { ++*count_; }
  ~Counted() { --*count_; }
  int* count_;
};

Task<int> hold(Counted) { co_return 1; }

}  // namespace

TEST_CASE("a task hands over its result") {
  TestLoop test;
  CHECK(test.result_of(give(7)) == 7);
}

TEST_CASE("a task hands over what can only be moved") {
  TestLoop test;
  const auto text = test.result_of(give_moved(std::make_unique<std::string>("x")));
  CHECK(*text == "x");
}

TEST_CASE("a hundred thousand awaits in a row do not grow the stack") {
  TestLoop test;
  CHECK(test.result_of(sum_of_many(100000)) == 100000);
}

TEST_CASE("a task that is never awaited does not run and is freed") {
  int alive = 0;
  { const Task<int> task = hold(Counted(alive)); }
  CHECK(alive == 0);
}

TEST_CASE("a task's parameters are destroyed once") {
  int alive = 0;
  {
    TestLoop test;
    CHECK(test.result_of(hold(Counted(alive))) == 1);
  }
  CHECK(alive == 0);
}

TEST_CASE("spawned tasks go on side by side") {
  TestLoop test;
  std::vector<int> order;
  loop::spawn(write_after(&test.loop, milliseconds(20), 2, order));
  loop::spawn(write_after(&test.loop, milliseconds(0), 1, order));
  CHECK(loop::roots() == 1);
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(order == std::vector{1, 2});
  CHECK(loop::roots() == 0);
}

TEST_CASE("a task that is in time keeps its result") {
  TestLoop test;
  auto quick = give_after(&test.loop, milliseconds(1), 5);
  CHECK(test.result_of(loop::within(&test.loop, milliseconds(5000), std::move(quick))) == 5);
  CHECK(test.result_of(loop::within(&test.loop, milliseconds(5000), give(6))) == 6);
}

TEST_CASE("a task that is late goes on alone and its result is dropped") {
  TestLoop test;
  auto slow = give_after(&test.loop, milliseconds(50), 5);
  auto limited = loop::within(&test.loop, milliseconds(1), std::move(slow));
  CHECK(test.result_of(std::move(limited)) == std::nullopt);
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(loop::roots() == 0);  // the slow one has ended too
}
