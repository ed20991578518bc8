// Many who want to know the same.
// SPDX-License-Identifier: MIT

#include "cached/loop/once.h"

#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "cached/loop/within.h"
#include "tests/loop/test_loop.h"

namespace {

using loop::Task;
using std::chrono::milliseconds;
using tests::TestLoop;

Task<int> ask(uv_loop_t* loop, milliseconds time, int& asked) {
  const int number = ++asked;
  auto pause = loop::sleep(loop, time);
  co_await pause;
  co_return number;
}

Task<int> ask_nobody(int& asked) { co_return ++asked; }

}  // namespace

TEST_CASE("many who want the same are answered by one question") {
  TestLoop test;
  loop::Once<int> once;
  int asked = 0;
  loop::Group<int> all;
  for (int i = 0; i < 100; i++) all.add(once.find("x", ask(&test.loop, milliseconds(5), asked)));
  all.add(once.find("y", ask(&test.loop, milliseconds(1), asked)));
  CHECK(once.size() == 2);
  const auto results = test.result_of(all.results());
  REQUIRE(results.size() == 101);
  for (int i = 0; i < 100; i++) CHECK(results[static_cast<std::size_t>(i)] == 1);
  CHECK(results.back() == 2);
  CHECK(asked == 2);
  CHECK(once.size() == 0);
}

TEST_CASE("who comes after the answer asks anew") {
  TestLoop test;
  loop::Once<int> once;
  int asked = 0;
  CHECK(test.result_of(once.find("x", ask(&test.loop, milliseconds(1), asked))) == 1);
  CHECK(test.result_of(once.find("x", ask(&test.loop, milliseconds(1), asked))) == 2);
  CHECK(test.result_of(once.find("x", ask_nobody(asked))) == 3);
}

TEST_CASE("who gives up waiting leaves the question to the others") {
  TestLoop test;
  loop::Once<int> once;
  int asked = 0;
  const auto wait = [&](milliseconds time) {
    return loop::within(&test.loop, time, once.find("x", ask(&test.loop, milliseconds(40), asked)));
  };
  loop::Group<std::optional<int>> all;
  for (const int time : {1, 5000, 2}) all.add(wait(milliseconds(time)));
  CHECK(test.result_of(all.results()) == std::vector<std::optional<int>>{{}, 1, {}});
  CHECK(asked == 1);
}

TEST_CASE("an answer may be text, and everybody has a copy of their own") {
  TestLoop test;
  loop::Once<std::string> once;
  const auto say = [](uv_loop_t* loop) -> Task<std::string> {
    auto pause = loop::sleep(loop, milliseconds(1));
    co_await pause;
    co_return std::string(100, 'x');
  };
  loop::Group<std::string> all;
  for (int i = 0; i < 3; i++) all.add(once.find("x", say(&test.loop)));
  const auto results = test.result_of(all.results());
  CHECK(results == std::vector<std::string>(3, std::string(100, 'x')));
}

TEST_CASE("a group has the results in the order of its tasks") {
  TestLoop test;
  int asked = 0;
  loop::Group<int> group;
  group.add(ask(&test.loop, milliseconds(20), asked));
  group.add(ask_nobody(asked));
  group.add(ask(&test.loop, milliseconds(1), asked));
  CHECK(test.result_of(group.results()) == std::vector{1, 2, 3});
  CHECK(test.result_of(loop::Group<int>().results()).empty());
}
