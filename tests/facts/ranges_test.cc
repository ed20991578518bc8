// Ranges in ranges: the smallest one around a key counts.
// SPDX-License-Identifier: MIT

#include "cached/facts/ranges.h"

#include <doctest/doctest.h>

#include <random>

namespace {

using Small = facts::Ranges<std::uint8_t, std::uint8_t>;

struct Range {
  unsigned first, last;
  std::uint8_t value;
};

// What every key of 0 to 255 finds, by looking at all ranges.
int smallest(const std::vector<Range>& ranges, unsigned key) {
  const Range* found = nullptr;
  for (const Range& range : ranges) {
    if (key < range.first || key > range.last) continue;
    const auto size = [](const Range& r) { return r.last - r.first; };
    if (!found || size(range) < size(*found) ||
        (size(range) == size(*found) && range.value < found->value))
      found = &range;
  }
  return found ? found->value : -1;
}

void check_all(const std::vector<Range>& ranges) {
  Small table;
  for (const auto& [first, last, value] : ranges)
    table.add(static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last), value);
  table.build();
  for (unsigned key = 0; key < 256; key++) {
    CAPTURE(key);
    const auto found = table.find(static_cast<std::uint8_t>(key));
    REQUIRE((found ? int{*found} : -1) == smallest(ranges, key));
  }
}

}  // namespace

TEST_CASE("of nested ranges the smallest counts, and around it the next larger one") {
  check_all({});
  check_all({{0, 255, 1}});
  check_all({{0, 0, 1}, {255, 255, 2}});
  check_all({{10, 200, 1}, {20, 30, 2}, {22, 25, 3}, {30, 30, 4}, {31, 31, 5}, {100, 200, 6}});
  check_all({{10, 20, 2}, {10, 20, 1}});   // twice
  check_all({{10, 20, 1}, {15, 100, 2}});  // no nesting: the smaller one all the same
  check_all({{10, 20, 1}, {21, 30, 1}, {31, 40, 2}});
}

TEST_CASE("any ranges answer as a search through all of them does") {
  std::mt19937 engine(1);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(engine() % limit); };
  for (int round = 0; round < 2000; round++) {
    std::vector<Range> ranges;
    for (unsigned left = below(12); left > 0; left--) {
      const unsigned first = below(256);
      const unsigned last = std::min(255U, first + below(1U << below(9)));
      ranges.push_back({first, last, static_cast<std::uint8_t>(below(250))});
    }
    check_all(ranges);
  }
}

TEST_CASE("equal neighbours become one segment") {
  Small table;
  for (std::uint8_t i = 0; i < 100; i++) table.add(i, i, 7);
  table.build();
  CHECK(table.segments() == 2);  // and the rest
}

TEST_CASE("B17 C14 ranges of one family hold nobody of the other") {
  facts::AddressRanges<std::uint8_t> table;
  table.add(*base::parse_network("::/0"), 6);
  table.add(*base::parse_network("8.8.8.0/24"), 4);
  table.build();
  const auto find = [&](const char* text) {
    return table.find(*base::parse_address(text)).value_or(0);
  };
  CHECK(find("8.8.8.8") == 4);
  CHECK(find("::ffff:8.8.8.8") == 4);
  CHECK(find("8.8.9.8") == 0);
  CHECK(find("2a01:4f8::808:801") == 6);
  CHECK(find("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == 6);
}
