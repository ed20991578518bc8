// IANA's bootstrap files.
// SPDX-License-Identifier: MIT

#include "cached/facts/bootstrap.h"

#include <doctest/doctest.h>

#include "tests/facts/seed_files.h"

namespace {

using facts::Bootstrap;
using facts::Rir;

std::string problem_of(const std::string& text) {
  auto lines = seed_files::text_of(text);
  const auto read = Bootstrap::read(lines);
  return read ? "" : read.error().text;
}

}  // namespace

TEST_CASE("the host of a service's https URL tells the registry") {
  auto lines = seed_files::text_of(R"({
    "version": "1.0", "publication": "2026-01-01T00:00:00Z",
    "services": [
      [["41.0.0.0/8", "2c00::/12"], ["https://rdap.afrinic.net/rdap/", "http://rdap.afrinic.net/rdap/"]],
      [["1.0.0.0/8"], ["https://rdap.apnic.net/"]],
      [["3.0.0.0/8"], ["http://rdap.arin.net/registry", "https://rdap.arin.net/registry"]],
      [["2.0.0.0/8"], ["https://rdap.db.ripe.net/"]],
      [["177.0.0.0/8"], ["https://rdap.lacnic.net/rdap/"]],
      [["9.0.0.0/8"], ["http://rdap.arin.net/"]],
      [["10.0.0.0/8"], ["https://rdap.evilarin.net/", 7]]
    ]
  })"
                                   "\n");
  const auto file = Bootstrap::read(lines);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  const auto rir = [&](const char* address) {
    return std::string(facts::name_of(file->rir_of(seed_files::address(address))));
  };
  CHECK(rir("41.1.1.1") == "afrinic");
  CHECK(rir("2c0f::1") == "afrinic");
  CHECK(rir("1.1.1.1") == "apnic");
  CHECK(rir("3.1.1.1") == "arin");
  CHECK(rir("2.1.1.1") == "ripencc");
  CHECK(rir("177.1.1.1") == "lacnic");
  CHECK(rir("9.1.1.1") == "");
  CHECK(rir("10.1.1.1") == "");
  CHECK(rir("11.1.1.1") == "");
}

TEST_CASE("a bootstrap file that is none is an error with its line") {
  CHECK(problem_of("{\n\"services\": [\n").starts_with("x:3: not JSON: "));
  CHECK(problem_of("{}\n") == "x: has no list of services, as RFC 9224 has it\n");
  CHECK(problem_of("[]\n") == "x: has no list of services, as RFC 9224 has it\n");
  CHECK(problem_of("{\"services\": []}\n") == "x: names none of the registries\n");
  CHECK(problem_of("{\"services\": [7]}\n") == "x: a service is not [[networks], [URLs]]\n");
  CHECK(problem_of("{\"services\": [[[7],[]]]}\n") == "x: a network is no text\n");
  CHECK(problem_of("{\"services\": [[[\"1/99\"],[]]]}\n").starts_with("x: 1/99"));
  CHECK(problem_of(std::string(100'000, '[') + "\n") != "");
  CHECK(problem_of(std::string(60'000, '[') + "\n").starts_with("x:2: not JSON"));
}
