// The list part of the manual.
// SPDX-License-Identifier: MIT

#include "cached/rules/describe.h"

#include <doctest/doctest.h>

#include "cached/rules/list_types.h"

TEST_CASE("the manual has every type of list, in the order of judgement") {
  const std::string text = rules::describe_lists();
  std::size_t at = 0;
  for (const auto& type : rules::list_types()) {
    INFO(std::string(type.name));
    at = text.find(".It Cm " + std::string(type.name) + "\n", at);
    REQUIRE(at != std::string::npos);
  }
}
