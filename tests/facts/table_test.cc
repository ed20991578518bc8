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
  table.clear();
  CHECK(table.size() == 0);
  CHECK(table.find(wanted.begin()->first) == nullptr);
}

TEST_CASE("a full table forgets what was used longest ago") {
  facts::Table<int> table(100);
  for (std::uint64_t key = 0; key < 10'000; key++) {
    table.add(key) = static_cast<int>(key);
    CHECK(table.size() == std::min<std::uint64_t>(key + 1, 100));
    if (key < 7) continue;
    REQUIRE(table.find(7));
  }
  CHECK(*table.find(7) == 7);
  for (std::uint64_t key = 9'901; key < 10'000; key++) REQUIRE(table.find(key));
  CHECK(!table.find(9'900));
  table.erase(9'950);
  CHECK(table.size() == 99);
  table.add(1);
  table.add(2);
  CHECK(!table.find(7));
  CHECK(table.find(9'901));
}

TEST_CASE("a table of nothing remembers one thing") {
  facts::Table<int> table(0);
  table.add(1) = 1;
  table.add(2) = 2;
  CHECK(table.find(1) == nullptr);
  CHECK(*table.find(2) == 2);
}
