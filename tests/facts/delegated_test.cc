// Delegated-extended files: to whom the addresses were given.
// SPDX-License-Identifier: MIT

#include "cached/facts/delegated.h"

#include <doctest/doctest.h>

#include "tests/facts/seed_files.h"

namespace {

using facts::Delegated;
using facts::Rir;

const std::string good =
    "# of the tests\n"
    "2|ripencc|1790287199|9|19830705|20260924|+0200\n"
    "ripencc|*|ipv4|*|6|summary\n"
    "ripencc|*|asn|*|1|summary\n"
    "ripencc|*|ipv6|*|2|summary\n"
    "ripencc|FR|ipv4|2.0.0.0|768|20100712|allocated|a\n"
    "ripencc|DE|ipv4|2.0.3.0|256|20100712|assigned|b\n"
    "ripencc||ipv4|2.0.4.0|256|20100712|allocated|c\n"
    "ripencc||ipv4|2.0.5.0|256||available|\n"
    "ripencc|ZZ|ipv4|2.0.6.0|256||reserved|\n"
    "ripencc|se|ipv4|255.255.255.0|256|20100712|allocated|d|e-stats\n"
    "ripencc|DE|asn|3209|1|19930901|allocated|b\n"
    "ripencc|DE|ipv6|2001:608::|32|19991217|allocated|b\n"
    "ripencc|NL|ipv6|2001:608:0:8000::|49|19991217|assigned|f\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  REQUIRE(text.find(from) != std::string::npos);
  return text.replace(text.find(from), from.size(), to);
}

std::string problem_of(const std::string& text) {
  auto lines = seed_files::text_of(text);
  const auto read = Delegated::read(lines, Rir::ripencc);
  return read ? "" : read.error().text;
}

}  // namespace

TEST_CASE("a delegated file tells the country of what was allocated or assigned") {
  auto lines = seed_files::text_of(good);
  const auto file = Delegated::read(lines, Rir::ripencc);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  const auto country = [&](const char* address) {
    const auto found = file->country_of(seed_files::address(address));
    return found ? std::string(*found) : "nobody";
  };
  CHECK(country("1.255.255.255") == "nobody");
  CHECK(country("2.0.0.0") == "FR");
  CHECK(country("2.0.2.255") == "FR");  // 768 addresses are no power of two
  CHECK(country("2.0.3.0") == "DE");
  CHECK(country("2.0.4.1") == "");  // somebody's, in no country
  CHECK(country("2.0.5.1") == "nobody");
  CHECK(country("2.0.6.1") == "nobody");
  CHECK(country("255.255.255.255") == "SE");
  CHECK(country("2001:608::1") == "DE");
  CHECK(country("2001:608:0:8000::1") == "NL");
  CHECK(country("2001:608:1::1") == "DE");
  CHECK(country("2001:609::1") == "nobody");
}

TEST_CASE("a delegated file that was cut short is an error") {
  for (std::size_t cut = 1; cut < good.size(); cut++) {
    CAPTURE(cut);
    CHECK(problem_of(good.substr(0, good.size() - cut)) != "");
  }
  CHECK(problem_of(replaced(good, "NL|ipv6|2001:608:0:8000::|49", "NL|asn|7|1")) ==
        "x:5: says 2 records of ipv6, and there are 1: the file was cut short\n"
        "x:4: says 1 records of asn, and there are 2: the file was cut short\n");
  CHECK(problem_of("") == "x: has no records of addresses\n");
  CHECK(problem_of(replaced(good, "ripencc|*|asn|*|1|summary\n", "")) ==
        "x: has no summary of its records of asn\n");
}

TEST_CASE("a line of a delegated file that is wrong is named") {
  const std::pair<const char*, const char*> wrong[] = {
      {"2.0.0.0|768", "2.0.0|768"},
      {"2.0.0.0|768", "2.0.0.0|0"},
      {"2.0.0.0|768", "2.0.0.0|-1"},
      {"2.0.0.0|768", "2.0.0.0|4261412865"},
      {"2.0.0.0|768", "::1|768"},
      {"|FR|", "|F|"},
      {"|FR|", "|F1|"},
      {"|FR|ipv4", "|FR|ipv5"},
      {"ripencc|FR", "arin|FR"},
      {"|768|20100712|allocated|a", "|768|20100712|sold|a"},
      {"|768|20100712|allocated|a", "|768|20100712"},
      {"ripencc|FR|ipv4", "ripencc"}};
  for (const auto& [from, to] : wrong) {
    const auto problem = problem_of(replaced(good, from, to));
    CAPTURE(problem);
    CHECK(problem.starts_with("x:6: "));
  }
  CHECK(problem_of(replaced(good, "2001:608::|32", "2001:608::|0")).starts_with("x:13: "));
  CHECK(problem_of(replaced(good, "2001:608::|32", "2001:608::|129")).starts_with("x:13: "));
  CHECK(problem_of(replaced(good, "ipv4|*|6|", "ipv4|*|six|")).starts_with("x:3: "));
}

TEST_CASE("a delegated file of another registry or version is an error of one line") {
  CHECK(problem_of(replaced(good, "2|ripencc", "2|arin")) ==
        "x:2: is of arin and not of ripencc\n");
  for (const char* text : {"<html>\n<p>\n", "3|ripencc|1|1|1|1|1\n"}) {
    CHECK(problem_of(text).starts_with("x:1: does not begin"));
    CHECK(problem_of(text).find('\n') + 1 == problem_of(text).size());
  }
  CHECK(problem_of(replaced(good, "2|ripencc", "2.3|ripencc")) == "");
}

TEST_CASE("of a file full of mistakes twenty are told") {
  std::string text = "2|ripencc|1|1|1|1|1\n";
  for (int i = 0; i < 1000; i++) text += "?\n";
  const auto problem = problem_of(text);
  CHECK(std::count(problem.begin(), problem.end(), '\n') == 21);
  CHECK(problem.ends_with("x: and more\n"));
}
