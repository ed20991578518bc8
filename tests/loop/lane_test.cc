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
  Lane lane(&test.loop, "test", 2, 100, milliseconds(60000));
  Tally tally;
  run_many(6, lane, tally, milliseconds(5));
  CHECK(lane.inside() == 2);
  CHECK(lane.queued() == 4);
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 6);
  CHECK(tally.most_inside <= 2);
}

TEST_CASE("a job for which there is no room is refused at once") {
  TestLoop test;
  Lane lane(&test.loop, "test", 1, 2, milliseconds(60000));
  Tally tally;
  run_many(5, lane, tally, milliseconds(5));
  CHECK(tally.refused == 2);  // before the loop has run
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 3);
}

TEST_CASE("a job that waited too long is given up and not run") {
  TestLoop test;
  Lane lane(&test.loop, "test", 1, 10, milliseconds(10));
  Tally tally;
  run_many(4, lane, tally, milliseconds(50));
  uv_run(&test.loop, UV_RUN_DEFAULT);
  CHECK(tally.done == 1);
  CHECK(tally.refused == 3);
}

TEST_CASE("the loop goes on while a job blocks its thread") {
  TestLoop test;
  Lane lane(&test.loop, "test", 1, 10, milliseconds(60000));
  auto job = [] {
    std::this_thread::sleep_for(milliseconds(50));
    return 3;
  };
  auto limited = loop::within(&test.loop, milliseconds(1), lane.run(job));
  CHECK(!test.result_of(std::move(limited)).has_value());
}
