// Lanes: their width, their queue, and what happens to what does not fit.
// SPDX-License-Identifier: MIT

#include "cached/loop/lane.h"

#include <atomic>
#include <thread>
#include <vector>

#include "cached/loop/within.h"
#include "tests/loop/test_loop.h"

namespace {

using loop::Lane;
using loop::Task;
using std::chrono::milliseconds;
using tests::TestLoop;

struct Tally {
  std::atomic<int> inside = 0;
  std::atomic<int> most_inside = 0;
  int done = 0;
  int refused = 0;
};

Task<void> work(Lane& lane, Tally& tally, milliseconds time) {
  auto job = [&] {
    const int now = ++tally.inside;
    if (now > tally.most_inside) tally.most_inside = now;
    std::this_thread::sleep_for(time);
    tally.inside--;
    return now;
  };
  const auto result = co_await lane.run(job);
  if (result)
    tally.done++;
  else
    tally.refused++;
}

void run_many(int count, Lane& lane, Tally& tally, milliseconds time) {
  for (int i = 0; i < count; i++) loop::spawn(work(lane, tally, time));
}

}  // namespace

TEST_CASE("a lane lets so many jobs inside and the others wait") {
  TestLoop test;
  Lane lane(&test.loop, "test", {2, 100, milliseconds(60000)});
  Tally tally;
  run_many(6, lane, tally, milliseconds(5));
  CHECK(lane.jobs() == 6);
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 6);
  CHECK(tally.most_inside <= 2);
}

TEST_CASE("a job for which there is no room is refused at once") {
  TestLoop test;
  Lane lane(&test.loop, "test", {1, 2, milliseconds(60000)});
  Tally tally;
  run_many(5, lane, tally, milliseconds(5));
  CHECK(tally.refused == 2);  // before the loop has run
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 3);
}

TEST_CASE("a job that waited too long is given up and not run") {
  TestLoop test;
  Lane lane(&test.loop, "test", {1, 10, milliseconds(10)});
  Tally tally;
  run_many(4, lane, tally, milliseconds(50));
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 1);
  CHECK(tally.refused == 3);
}

TEST_CASE("the loop goes on while a job blocks its thread") {
  TestLoop test;
  Lane lane(&test.loop, "test", {1, 10, milliseconds(60000)});
  auto job = [] {
    std::this_thread::sleep_for(milliseconds(50));
    return 3;
  };
  auto limited = loop::within(&test.loop, milliseconds(1), lane.run(job));
  CHECK(!test.result_of(std::move(limited)).has_value());
  uv_run(&test.loop, UV_RUN_DEFAULT);  // the job is in its frame and in ours
}

namespace {

// Jobs that say when they come inside, and take no time.
Task<void> sign_in(Lane& lane, std::string& order, char name, loop::Turn turn, std::int64_t cost) {
  auto job = [&] {
    order += name;
    return true;
  };
  const auto result = co_await lane.run(job, turn, cost);
  CHECK(result);
}

}  // namespace

TEST_CASE("a lower rank goes first, and parties of one rank take turns") {
  TestLoop test;
  Lane lane(&test.loop, "test", {1, 100, milliseconds(60000)});
  std::atomic<bool> open = false;
  auto gate = [&] {
    while (!open) std::this_thread::sleep_for(milliseconds(1));
    return true;
  };
  const auto hold = [](Lane& held, decltype(gate)& job) -> Task<void> {
    const auto ran = co_await held.run(job);
    CHECK(ran);
  };
  loop::spawn(hold(lane, gate));
  std::this_thread::sleep_for(milliseconds(20));  // it is inside
  std::string order;
  for (const char name : {'a', 'b', 'c', 'd'})
    loop::spawn(sign_in(lane, order, name, {1, 100}, 0));  // one party has much to do
  for (const char name : {'x', 'y'}) loop::spawn(sign_in(lane, order, name, {1, 200}, 0));
  loop::spawn(sign_in(lane, order, '1', {0, 300}, 0));
  loop::spawn(sign_in(lane, order, '2', {0, 300}, 0));
  open = true;
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(order == "12axbycd");
}

TEST_CASE("the jobs inside do not cost more together than the lane's capacity") {
  TestLoop test;
  Lane lane(&test.loop, "test", {4, 100, milliseconds(60000), 10});
  Tally tally;
  const auto weigh = [](Lane& l, Tally& t, std::int64_t cost) -> Task<void> {
    auto job = [&] {
      const int now = t.inside += static_cast<int>(cost);
      if (now > t.most_inside) t.most_inside = now;
      std::this_thread::sleep_for(milliseconds(3));
      t.inside -= static_cast<int>(cost);
      return true;
    };
    const loop::Turn any;
    const auto ran = co_await l.run(job, any, cost);
    t.done += static_cast<bool>(ran);
  };
  for (const std::int64_t cost : {4, 4, 4, 4, 6, 6, 1, 1, 1}) loop::spawn(weigh(lane, tally, cost));
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 9);
  CHECK(tally.most_inside <= 10);
  loop::spawn(weigh(lane, tally, 25));  // more than there is: alone
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 10);
}

TEST_CASE("D09: who waits too long is told in time although all threads are stuck") {
  TestLoop test;
  Lane lane(&test.loop, "test", {1, 10, milliseconds(20)});
  Tally tally;
  run_many(3, lane, tally, milliseconds(400));
  while (tally.inside == 0) uv_run(&test.loop, UV_RUN_NOWAIT);
  while (tally.refused < 2) uv_run(&test.loop, UV_RUN_ONCE);
  CHECK(tally.inside == 1);  // still
  CHECK(tally.done == 0);
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 1);
}
