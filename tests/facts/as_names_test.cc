// Files with the names of autonomous systems.
// SPDX-License-Identifier: MIT

#include "cached/facts/as_names.h"

#include <doctest/doctest.h>

#include "tests/facts/seed_files.h"

namespace {

using facts::AsNames;

std::string problem_of(const std::string& text) {
  auto lines = seed_files::text_of(text);
  const auto read = AsNames::read(lines);
  return read ? "" : read.error().text;
}

}  // namespace

TEST_CASE("names of systems are kept byte for byte, in both forms") {
  auto lines = seed_files::text_of(
      "# of the tests\n"
      "AS3209\tVODANET International IP-Backbone of Vodafone, DE\n"
      "0 -Reserved AS-, ZZ\n"
      "4294967295 LAST, ZZ\n"
      "64500  TEL\xd3NICA \"x\" | y\\z , BR \r\n"
      "as64501 LOWER, SE\n"
      "AS3209 ANOTHER\n"
      "AS64502\n");
  const auto file = AsNames::read(lines);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  CHECK(file->name_of(3209) == "VODANET International IP-Backbone of Vodafone, DE");
  CHECK(file->name_of(0) == "-Reserved AS-, ZZ");
  CHECK(file->name_of(4294967295) == "LAST, ZZ");
  CHECK(file->name_of(64500) == "TEL\xd3NICA \"x\" | y\\z , BR");
  CHECK(file->name_of(64501) == "LOWER, SE");
  CHECK(file->name_of(64502) == "");
  CHECK(file->name_of(1) == "");
}

TEST_CASE("a file of names with anything else in it is an error") {
  CHECK(problem_of("3209 A\n<html>\n") == "x:2: \\x3chtml\\x3e is no number of an AS\n");
  CHECK(problem_of("4294967296 A\n") == "x:1: 4294967296 is no number of an AS\n");
  CHECK(problem_of("") == "x: has no names\n");
  CHECK(problem_of("3209 A\n3210 B") == "x:2: its end is missing: the file was cut short\n");
}
