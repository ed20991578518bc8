// Reserved ranges against what Python and ipwhois said of each address of two tables, and the IPv4
// clients inside IPv6 addresses.
// SPDX-License-Identifier: MIT

#include "cached/facts/reserved.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

#include "cached/base/text.h"

using base::Address;
using facts::embedded_v4;

namespace {

Address address(std::string_view text) {
  const auto parsed = base::parse_address(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

// Calls `row` with the lines of the table, from the top directory, and tells how many there were.
template <class Row>
int each_row(const char* path, Row row) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path);
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    row(line);
    rows++;
  }
  return rows;
}

std::string column(const std::string& row, int n) {
  const auto text = base::part(row, '\t', n);
  REQUIRE_MESSAGE(text, row);
  return std::string(*text);
}

}  // namespace

// The IPv4-mapped rows too: Python 3.12.4 and later decide them by their IPv4 part, as we do.
TEST_CASE("an address is private when Python 3.12.4 says so") {
  const int rows = each_row("tests/facts/is_private.tsv", [](const std::string& row) {
    CHECK_MESSAGE(facts::is_private(address(column(row, 0))) == (column(row, 1) == "1"), row);
  });
  CHECK(rows == 440);
}

// A mapped address is the IPv4 address here (ip.h). ipwhois calls all of ::ffff:0:0/96 Reserved,
// which hid public clients behind the mapping; so its row must be that of the IPv4 part.
TEST_CASE("reserved ranges have the names that ipwhois gives them") {
  std::map<std::string, std::string> names;
  const int rows = each_row("tests/facts/reserved_names.tsv", [&](const std::string& row) {
    const auto text = column(row, 0);
    CHECK_MESSAGE(facts::is_private(address(text)) == (column(row, 1) == "1"), row);
    names[text] = column(row, 3) == "1" ? column(row, 4) : "";
  });
  CHECK(rows == 440);
  for (const auto& row : names) {
    const std::string& text = row.first;
    const bool mapped = text.starts_with("::ffff:") && text.find('.') != std::string::npos;
    const auto expected = names.find(mapped ? text.substr(7) : text);
    REQUIRE_MESSAGE(expected != names.end(), text);
    CHECK_MESSAGE(facts::reserved_name(address(text)) == expected->second, text);
  }
}

TEST_CASE("shared address space is neither private nor reserved (A01)") {
  CHECK(!facts::is_private(address("100.64.0.1")));
  CHECK(facts::reserved_name(address("100.64.0.1")).empty());
}

TEST_CASE("the IPv4 client is found in 6to4, Teredo and NAT64 addresses") {
  CHECK(embedded_v4(address("2002:8ba2:85fc::1")) == address("139.162.133.252"));
  // RFC 4380, 4: client 192.0.2.45 behind server 65.54.227.120
  CHECK(embedded_v4(address("2001:0:4136:e378:8000:63bf:3fff:fdd2")) == address("192.0.2.45"));
  CHECK(embedded_v4(address("64:ff9b::192.0.2.33")) == address("192.0.2.33"));  // RFC 6052, 2.4
  for (const char* none : {"2003:8ba2:85fc::1", "2001:1::1", "2001:db8::1", "64:ff9b:1::1.2.3.4",
                           "64:ff9b::1:0:1.2.3.4", "::1.2.3.4", "::ffff:1.2.3.4", "1.2.3.4"})
    CHECK_MESSAGE(!embedded_v4(address(none)), none);
}
