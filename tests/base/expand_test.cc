// Templates with a user's name in them.
// SPDX-License-Identifier: MIT

#include "cached/base/expand.h"

#include <doctest/doctest.h>

TEST_CASE("a template has the user and the two parts of the name") {
  CHECK(base::expand("%u|%n|%d", "al@example.org") == "al@example.org|al|example.org");
  CHECK(base::expand("%u|%n|%d", "al") == "al|al|");
  CHECK(base::expand("%n|%d", "a@b@c") == "a|b@c");
}

TEST_CASE("a percent sign is written twice, and an unknown letter stays") {
  CHECK(base::expand("100%% %x %", "al") == "100% %x %");
  CHECK(base::expand("%%u", "al") == "%u");
}

TEST_CASE("what is put in is not looked at again") {
  CHECK(base::expand("%u", "%d@example.org") == "%d@example.org");
}

TEST_CASE("only what is put in is escaped") {
  const auto brackets = [](std::string_view value) { return "[" + std::string(value) + "]"; };
  CHECK(base::expand("(%n)(%d)%%", "al@b", brackets) == "([al])([b])%");
}
