// Files that are no MMDB, were one, change, or mean harm.
// SPDX-License-Identifier: MIT

#include "cached/facts/mmdb.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <random>

#include "cached/base/descriptor.h"
#include "tests/facts/mmdb_files.h"

using facts::open_mmdb;
using facts::State;
using mmdb_files::address;
using mmdb_files::bytes_of;
using mmdb_files::InMemory;
using mmdb_files::path_of;
using mmdb_files::Temporary;
using namespace std::string_literals;

namespace {

const std::string marker = "\xab\xcd\xefMaxMind.com";

// Values as the specification encodes them; lengths below 29.
std::string big_endian(std::uint64_t number, int bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>(number >> (8 * bytes));
  return out;
}
std::string map(std::size_t pairs) { return big_endian(0xe0 | pairs, 1); }
std::string array(std::size_t values) { return big_endian(values << 8 | 4, 2); }
std::string text(const std::string& t) { return big_endian(0x40 | t.size(), 1) + t; }
std::string uint16(unsigned number) { return "\xa2" + big_endian(number, 2); }
std::string uint32(unsigned number) { return "\xc4" + big_endian(number, 4); }
std::string uint64(std::uint64_t number) { return "\x08\x02" + big_endian(number, 8); }
std::string pointer(std::uint32_t place) { return "\x38" + big_endian(place, 4); }
const std::string huge_map = "\xff\xff\xff\xff";  // 16,843,036 pairs
const std::string huge_array = "\x1f\x04\xff\xff\xff";

std::string repeat(const std::string& piece, int times) {
  std::string out;
  for (int i = 0; i < times; i++) out += piece;
  return out;
}

// A database of one node: every IPv4 client has the record at the start of `data`.
struct Crafted {
  std::string data = map(1) + text("postal") + map(1) + text("code") + text("12345");
  std::string tree = big_endian(17, 3) + big_endian(17, 3);
  unsigned nodes = 1, record_size = 24, ip_version = 4;
  std::string languages = array(1) + text("en");
  std::string description = map(1) + text("en") + text("crafted");
  std::string more = text("more") + text("");

  std::string bytes() const {
    return tree + std::string(16, '\0') + data + marker + map(10) + text("node_count") +
           uint32(nodes) + text("record_size") + uint16(record_size) + text("ip_version") +
           uint16(ip_version) + text("database_type") + text("Crafted-City") + text("languages") +
           languages + text("binary_format_major_version") + uint16(2) +
           text("binary_format_minor_version") + uint16(0) + text("build_epoch") +
           uint64(~std::uint64_t{0}) + text("description") + description + more;
  }
};

// "" or why it is refused, without the path.
std::string refusal(const std::string& bytes) {
  const InMemory file(bytes);
  const auto opened = open_mmdb(file.path(), nullptr);
  if (opened) return "";
  REQUIRE(opened.error().text.starts_with(file.path() + ": "));
  return opened.error().text.substr(file.path().size() + 2);
}

State state_of_record(const std::string& data) {
  Crafted crafted;
  crafted.data = data;
  const InMemory file(crafted.bytes());
  const auto opened = open_mmdb(file.path(), nullptr);
  REQUIRE_MESSAGE(opened, opened.error().text);
  facts::Facts facts;
  facts::find_as(**opened, address("192.0.2.1"), facts);
  return facts::find_geo(**opened, address("192.0.2.1")).state();
}

std::string postal_code(const facts::Mmdb& file) {
  const auto geo = facts::find_geo(file, address("139.162.133.252"));
  return geo.find() ? geo.find()->postal_code : "";
}

// Looks up what the test files have records for, and what not. False: a fact is unknown.
bool all_known(const facts::Mmdb& file) {
  bool known = true;
  for (const char* client :
       {"139.162.133.252", "176.112.169.218", "209.85.218.15", "103.65.39.48", "2.125.160.216",
        "202.196.225.1", "198.145.1.1", "2a01:4f8::1", "107.167.240.94", "0.0.0.0",
        "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    facts::Facts facts;
    facts::find_as(file, address(client), facts);
    known &= facts.as_numbers.state() != State::unknown;
    known &= facts::find_geo(file, address(client)).state() != State::unknown;
  }
  return known;
}

// What is written to stderr meanwhile.
template <class F>
std::string said(F&& do_it) {
  const base::Descriptor before(dup(STDERR_FILENO));
  const base::Descriptor file(memfd_create("said", MFD_CLOEXEC));
  dup2(file.get(), STDERR_FILENO);
  do_it();
  dup2(before.get(), STDERR_FILENO);
  std::string text(100'000, '\0');
  const auto size = pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

}  // namespace

TEST_CASE("what is done to an open MMDB does not reach it") {
  const std::string good = bytes_of(path_of("city"));
  const Temporary file(good);
  const auto opened = open_mmdb(file.path(), nullptr);
  REQUIRE(opened);
  REQUIRE(truncate(file.path().c_str(), 0) == 0);
  CHECK(postal_code(**opened) == "60313");
  file.write(std::string(good.size(), '\xff'));
  CHECK(postal_code(**opened) == "60313");
  unlink(file.path().c_str());
  CHECK(all_known(**opened));
}

TEST_CASE("an MMDB that has not changed is the one before") {
  const Temporary file(bytes_of(path_of("city")));
  const auto first = open_mmdb(file.path(), nullptr);
  REQUIRE(first);
  const auto again = open_mmdb(file.path(), *first);
  REQUIRE(again);
  CHECK(*again == *first);

  const Temporary newer(bytes_of(path_of("asn")));
  REQUIRE(rename(newer.path().c_str(), file.path().c_str()) == 0);
  const auto replaced = open_mmdb(file.path(), *first);
  REQUIRE(replaced);
  CHECK(*replaced != *first);
  CHECK(postal_code(**first) == "60313");
  CHECK(postal_code(**replaced).empty());
}

TEST_CASE("what is no MMDB is refused with its path") {
  const auto error_of = [](const std::string& path) {
    const auto opened = open_mmdb(path, nullptr);
    REQUIRE(!opened);
    return opened.error().text;
  };
  CHECK(error_of("/nowhere/city.mmdb") ==
        "/nowhere/city.mmdb: cannot open: No such file or directory");
  CHECK(error_of("/tmp") == "/tmp: is not a file");
  CHECK(error_of("/dev/zero") == "/dev/zero: is not a file");
  const Temporary pipe;
  unlink(pipe.path().c_str());
  REQUIRE(mkfifo(pipe.path().c_str(), 0600) == 0);
  CHECK(error_of(pipe.path()) == pipe.path() + ": is not a file");
  const Temporary large;
  REQUIRE(truncate(large.path().c_str(), (off_t{1} << 30) + 1) == 0);
  CHECK(error_of(large.path()) == large.path() + ": is larger than 1073741824 bytes");
  for (const std::string& bytes : {""s, "x"s, std::string(200'000, 'x'), "<html>not found</html>"s})
    CHECK(refusal(bytes) == "no MMDB, or truncated: it has no metadata");
}

TEST_CASE("a crafted MMDB is read like any other") {
  CHECK(refusal(Crafted().bytes()).empty());
  CHECK(state_of_record(Crafted().data) == State::known);
}

TEST_CASE("a truncated MMDB is refused, wherever it ends") {
  const std::string good = bytes_of(path_of("city"));
  for (std::size_t size = 0; size < good.size(); size++)
    CHECK_MESSAGE(!refusal(good.substr(0, size)).empty(), size);
  // Its middle is missing.
  CHECK(refusal(good.substr(0, 500) + good.substr(1900)) ==
        "truncated or corrupt: its 297 nodes are more than it has room for");
}

TEST_CASE("metadata that would break or exhaust the library never reach it") {
  const std::string bad = "corrupt: its metadata cannot be read";
  // At the end of a page, where the library would look behind the file.
  CHECK(refusal(std::string(4096 - marker.size(), 'x') + marker) == bad);
  for (std::size_t rest = 0; rest < 6; rest++)
    CHECK(refusal(marker + std::string(rest, '\xff')) == bad);

  Crafted nested;  // recursion: a level costs two bytes
  nested.more = text("more") + repeat(map(1) + text(""), 60'000) + text("");
  CHECK(refusal(nested.bytes()) == bad);
  nested.more = text("more") + repeat(array(1), 60'000) + text("");
  CHECK(refusal(nested.bytes()) == bad);

  Crafted doubling;  // 2^40 languages: each array has the next one twice
  doubling.languages = pointer(0);
  doubling.more = text("more");
  const std::string so_far = doubling.bytes();
  const auto start =
      static_cast<std::uint32_t>(so_far.size() - so_far.find(marker) - marker.size());
  doubling.languages = pointer(start);
  for (std::uint32_t i = 1; i <= 40; i++)
    doubling.more += array(2) + pointer(start + 12 * i) + pointer(start + 12 * i);
  doubling.more += text("en");
  CHECK(refusal(doubling.bytes()) == bad);

  Crafted many;
  many.languages = huge_array;
  CHECK(refusal(many.bytes()) == bad);
  many = {};
  many.description = huge_map;
  CHECK(refusal(many.bytes()) == bad);
  CHECK(refusal(marker + pointer(0)) == bad);  // the metadata are themselves
}

TEST_CASE("a count of nodes that overflows 32 bits is refused") {
  // libmaxminddb 1.7.1 takes the tree for 8 bytes short of 4 GiB, and these for the data: it would
  // read 128 MiB behind the file.
  Crafted crafted;
  crafted.nodes = 0x1fffffff;
  crafted.record_size = 32;
  crafted.ip_version = 6;
  crafted.tree = big_endian(0x01000000, 4) + big_endian(0x01000000, 4);
  CHECK(refusal(crafted.bytes()) ==
        "truncated or corrupt: its 536870911 nodes are more than it has room for");
  crafted.nodes = 0x20000001;  // the tree of one node
  CHECK(refusal(crafted.bytes()) ==
        "truncated or corrupt: its 536870913 nodes are more than it has room for");
}

TEST_CASE("a search tree that leads nowhere is refused") {
  const std::string lost = "corrupt: node 0 of its search tree leads out of it";
  Crafted crafted;
  for (const unsigned record : {0u, 2u, 16u, 17u + 400u, 0xffffffu}) {  // 1 is "no record"
    crafted.tree = big_endian(17, 3) + big_endian(record, 3);
    CHECK_MESSAGE(refusal(crafted.bytes()) == lost, record);
    crafted.tree = big_endian(record, 3) + big_endian(17, 3);
    CHECK_MESSAGE(refusal(crafted.bytes()) == lost, record);
  }
}

TEST_CASE("a record that cannot be read, or is too much, is unknown") {
  const std::string city = map(1) + text("city");
  for (const std::string& data : {
           text("not a map"),
           pointer(0),                       // itself
           pointer(1'000'000),               // behind the end
           city + pointer(1'000'000),        //
           city + "\x5f\xff\xff\xff",        // 16 MB of text that the file has not
           map(1) + map(0) + text("x"),      // a key that is no text
           huge_map,                         //
           city + huge_map,                  //
           map(2) + text("x") + huge_array,  // too much to skip, and too deep
           map(2) + text("x") + repeat(array(1), 200'000),
           map(2) + text("x") + repeat(map(1) + text(""), 200'000),
       })
    CHECK(state_of_record(data) == State::unknown);
}

TEST_CASE("pointers in circles end, and text has a limit") {
  // Each of the subdivisions is the record itself.
  CHECK(state_of_record(map(1) + text("subdivisions") + array(28) + repeat(pointer(0), 28)) ==
        State::known);
  CHECK(state_of_record(map(1) + text("city") + pointer(0)) == State::known);
  CHECK(state_of_record(map(1) + text("traits") + pointer(0)) == State::known);

  Crafted crafted;
  const std::string long_text = "\x5e\x01\x00"s + std::string(285 + 256, 'x');
  crafted.data = map(1) + text("postal") + map(1) + text("code") + long_text;
  const InMemory file(crafted.bytes());
  const auto opened = open_mmdb(file.path(), nullptr);
  REQUIRE(opened);
  const auto geo = facts::find_geo(**opened, address("192.0.2.1"));
  REQUIRE(geo.find());
  CHECK(geo.find()->postal_code.empty());
}

TEST_CASE("bad records are one line in the log") {
  Crafted crafted;
  crafted.data = pointer(0);
  const InMemory file(crafted.bytes());
  const auto opened = open_mmdb(file.path(), nullptr);
  REQUIRE(opened);
  const std::string log = said([&] {
    for (int i = 0; i < 100; i++) facts::find_geo(**opened, address("192.0.2.1"));
  });
  CHECK(log.ends_with(": " + file.path() +
                      ": corrupt: its record for 192.0.2.1 cannot be "
                      "read, and its facts are unknown\n"));
  CHECK(std::count(log.begin(), log.end(), '\n') == 1);
}

TEST_CASE("thousands of damaged MMDBs are refused or survived") {
  base::log::open({.least = base::log::Level::error});
  std::mt19937 random(4);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  int refused = 0, unknown = 0, harmless = 0;
  for (const char* name : {"city", "asn", "country", "enterprise", "odd"}) {
    const std::string good = bytes_of(path_of(name));
    for (int i = 0; i < 1000; i++) {
      std::string bytes = good;
      if (i % 4 == 0) bytes.erase(below(bytes.size()), 1 + below(3));
      for (std::size_t left = i % 5 ? 1 : 20; left > 0; left--)
        bytes[below(bytes.size())] = static_cast<char>(random());
      const InMemory file(bytes);
      const auto opened = open_mmdb(file.path(), nullptr);
      if (!opened)
        refused++;
      else if (all_known(**opened))
        harmless++;
      else
        unknown++;
    }
  }
  base::log::open({});
  MESSAGE(refused << " refused, " << unknown << " with unknown facts, " << harmless << " harmless");
  CHECK(refused > 500);
  CHECK(unknown > 50);
}
