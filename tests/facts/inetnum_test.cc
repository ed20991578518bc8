// Dumps of networks in RPSL.
// SPDX-License-Identifier: MIT

#include "cached/facts/inetnum.h"

#include <doctest/doctest.h>

#include "tests/facts/seed_files.h"

namespace {

using facts::Inetnums;

std::string problem_of(const std::string& text) {
  auto lines = seed_files::text_of(text);
  const auto read = Inetnums::read(lines);
  return read ? "" : read.error().text;
}

const char* const v4 =
    "#\n# of the tests\n#\n\n"
    "inetnum:        0.0.0.0 - 255.255.255.255\nnetname:        EVERYTHING\ncountry:        EU\n\n"
    "inetnum:        62.239.0.0 - 62.239.255.255\n"
    "netname:        OUTER-NET\n"
    "descr:          several\n"
    "                lines\n"
    "country:        GB\n"
    "country:        IE\n"
    "source:         TEST\n\n"
    "inetnum:        62.239.237.0 - 62.239.237.255\n"
    "netname:        BT-CORPORATE # a remark\n"
    "country:        GB\n\n\n"
    "% between them\n"
    "inetnum:        6.0.0.0 - 13.115.255.255\n"
    "netname:        NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK\n"
    "country:        EU # Country is really world wide\n\n"
    "person:         Somebody\ncountry: XX\nnetname: none\nwhatever this is\n\n"
    "InetNum: 1.0.0.0\n"
    " -\n"
    "+1.0.0.4\n"
    "NetName:TAIL\n";

}  // namespace

TEST_CASE("of the networks in a dump the smallest one around the address has its own words") {
  auto lines = seed_files::text_of(v4);
  const auto file = Inetnums::read(lines);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  const auto find = [&](const char* address) {
    const auto found = file->find(seed_files::address(address));
    return found ? std::string(found->name) + "/" + std::string(found->country) : "none";
  };
  CHECK(find("62.239.237.1") == "BT-CORPORATE/GB");  // C13, D02: never the name of the /16
  CHECK(find("62.239.236.255") == "OUTER-NET/GB");
  CHECK(find("62.239.238.0") == "OUTER-NET/GB");
  CHECK(find("62.240.0.0") == "none");  // not all of the Internet is a network
  CHECK(find("8.8.8.8") == "none");     // nor is what the registry does not manage
  CHECK(find("1.0.0.4") == "TAIL/");    // the last object has no line behind it
  CHECK(find("1.0.0.5") == "none");
  CHECK(find("2001:db8::1") == "none");
}

TEST_CASE("networks of IPv6 are prefixes") {
  auto lines = seed_files::text_of(
      "inet6num: ::/0\nnetname: ROOT\n\n"
      "inet6num: 2001:db8::/32\nnetname: BIG\ncountry: SE\n\n"
      "inet6num: 2001:db8:1:2::3/128\nnetname: ONE\ncountry: NO\n\n");
  const auto file = Inetnums::read(lines);
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  CHECK(file->find(seed_files::address("2001:db8::1"))->name == "BIG");
  CHECK(file->find(seed_files::address("2001:db8:1:2::3"))->country == "NO");
  CHECK(file->find(seed_files::address("2001:db8:1:2::4"))->country == "SE");
  CHECK(!file->find(seed_files::address("2001:db9::1")));
}

TEST_CASE("an object of a dump that is wrong is named by its line") {
  for (const char* network :
       {"inetnum: 1.0.0.0", "inetnum: 1.0.0.0/8", "inetnum: 1.0.0.1 - 1.0.0.0",
        "inetnum:", "inetnum: ::1 - ::2", "inet6num: 2001:db8::", "inet6num: 1.0.0.0/8",
        "inet6num: 2001:db8::/129"}) {
    const auto problem = problem_of(std::string("\n") + network + "\nnetname: X\n\n");
    CAPTURE(problem);
    CHECK(problem.starts_with("x:2: "));
  }
  CHECK(problem_of("inetnum: 1.0.0.0 - 1.0.0.1\n<html>\n") ==
        "x:2: is no attribute of an object\n");
  CHECK(problem_of("inetnum: 1.0.0.0 - 1.0.0.1\nnetname: " + std::string(300, 'x') + "\n") ==
        "x:1: its name and country are too long\n");
  CHECK(problem_of("") == "x: has no networks\n");
  CHECK(problem_of("inetnum: 1.0.0.0 - 1.0.0.1\nnetname: X") ==
        "x:2: its end is missing: the file was cut short\n");
}

TEST_CASE("ten thousand names are found again, each with its network") {
  std::string text;
  for (int i = 0; i < 10'000; i++) {
    const auto net = "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".";
    text += "inetnum: " + net + "0 - " + net + "255\nnetname: NET-" + std::to_string(i % 5'000) +
            "\ncountry: SE\n\n";
  }
  auto lines = seed_files::text_of(text);
  const auto file = Inetnums::read(lines);
  REQUIRE(file);
  for (int i = 0; i < 10'000; i++) {
    const auto address = "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".7";
    REQUIRE(file->find(seed_files::address(address.c_str()))->name ==
            "NET-" + std::to_string(i % 5'000));
  }
}
