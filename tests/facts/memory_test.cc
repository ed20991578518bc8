// What is remembered, for how long, and what is forgotten first.
// SPDX-License-Identifier: MIT

#include "cached/facts/memory.h"

#include "tests/loop/test_loop.h"

namespace {

using facts::Source;
using facts::Told;
using std::chrono::hours;
using std::chrono::milliseconds;

loop::Task<Told<int>> say(int value, bool failed, int& asked) {
  asked++;
  co_return Told<int>{value, hours(1), failed};
}

struct Site : tests::TestLoop {
  explicit Site(std::size_t limit) : memory(limit, {}) {}
  facts::Memory<int> memory;
  int asked = 0;
  int find(const std::string& key, int value, bool failed = false) {
    return result_of(memory.find(key, say(value, failed, asked))).value;
  }
};

}  // namespace

TEST_CASE("what was told is remembered, and who told it is not asked again") {
  Site site(10);
  CHECK(site.find("x", 1) == 1);
  CHECK(site.find("x", 2) == 1);
  CHECK(site.asked == 1);
}

TEST_CASE("what was told longest ago is forgotten first, and failures before it") {
  Site site(3);
  for (const char* key : {"a", "b", "c"}) site.find(key, 1);
  site.find("d", 1);
  CHECK(site.memory.size() == 3);
  CHECK(site.find("b", 2) == 1);
  CHECK(site.find("a", 2) == 2);  // forgotten, and now b is
  CHECK(site.find("c", 2) == 1);
  site.find("f", 7, true);  // takes the place of c
  for (int i = 0; i < 100; i++) site.find("f" + std::to_string(i), 7, true);
  CHECK(site.memory.size() == 3);
  CHECK(site.find("a", 3) == 2);
  CHECK(site.find("d", 3) == 1);
}

TEST_CASE("a memory of size 0 remembers nothing") {
  Site site(0);
  CHECK(site.find("x", 1) == 1);
  CHECK(site.find("x", 2) == 2);
  CHECK(site.memory.size() == 0);
}
