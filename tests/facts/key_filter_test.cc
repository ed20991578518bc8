// The keys that a file may have.
// SPDX-License-Identifier: MIT

#include "cached/facts/key_filter.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"

using base::cat;

TEST_CASE("until all keys are known, any may be there") {
  facts::KeyFilter filter(1000);
  CHECK(filter.may_have("c4:3eefed"));
  filter.complete();
  CHECK_FALSE(filter.may_have("c4:3eefed"));
}

TEST_CASE("a key that was added may be there, and hardly one that was not") {
  constexpr int keys = 10'000;
  facts::KeyFilter filter(keys);
  filter.complete();
  for (int i = 0; i < keys; i++) filter.add(cat("c4:", i));
  int wrong = 0;
  for (int i = 0; i < keys; i++) {
    REQUIRE(filter.may_have(cat("c4:", i)));
    wrong += filter.may_have(cat("c6:", i));
  }
  CHECK(wrong < keys / 50);
}
