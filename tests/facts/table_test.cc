// A table of bounded size against one of the library.
// SPDX-License-Identifier: MIT

#include "cached/facts/table.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

TEST_CASE("a table has what was put into it, whatever went in between") {
  facts::Table<int> table(2000);
  std::map<std::uint64_t, int> wanted;
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; i++) {
    const std::uint64_t key = random() % 1000;
    if (random() % 3 == 0) {
      table.erase(key);
      wanted.erase(key);
    } else {
      table.add(key) = wanted[key] = i;
    }
    REQUIRE(table.size() == wanted.size());
    const std::uint64_t other = random() % 1000;
    const int* found = table.find(other);
    REQUIRE((found != nullptr) == wanted.contains(other));
    if (found) REQUIRE(*found == wanted[other]);
  }
}

TEST_CASE("a full table forgets what was not used for long") {
  facts::Table<int> table(100);
  for (std::uint64_t key = 0; key < 10'000; key++) {
    table.add(key) = static_cast<int>(key);
    CHECK(table.size() == std::min<std::uint64_t>(key + 1, 100));
    if (key < 7) continue;
    REQUIRE(table.find(7));
  }
  CHECK(*table.find(7) == 7);
  // That all 16 it looks at are among the newest tenth happens once in 10^16 times.
  for (std::uint64_t key = 9'990; key < 10'000; key++) REQUIRE(table.find(key));
  CHECK(!table.find(5'000));
}

TEST_CASE("a small full table forgets what was used longest ago") {
  facts::Table<int> table(16);
  for (std::uint64_t key = 0; key < 16; key++) table.add(key);
  REQUIRE(table.find(0));
  table.add(16);
  CHECK(table.find(0));
  CHECK(!table.find(1));
  table.erase(5);
  table.add(17);
  CHECK(table.size() == 16);
  CHECK(table.find(2));
  table.add(18);
  CHECK(!table.find(3));
}

TEST_CASE("a table of nothing remembers one thing") {
  facts::Table<int> table(0);
  table.add(1) = 1;
  table.add(2) = 2;
  CHECK(table.find(1) == nullptr);
  CHECK(*table.find(2) == 2);
}
