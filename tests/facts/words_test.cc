// What was told, packed and unpacked.
// SPDX-License-Identifier: MIT

#include "cached/facts/words.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"
#include "cached/facts/packed.h"

namespace {

using facts::Fact;
using facts::NetworkWord;
using facts::Origin;

Origin origin(std::vector<std::uint32_t> systems) {
  return {std::move(systems), *base::parse_network("62.239.0.0/16"), "GB", "ripencc"};
}

NetworkWord network(const char* first, const char* last) {
  NetworkWord word;
  word.network.first = *base::parse_address(first);
  word.network.last = *base::parse_address(last);
  word.network.name = std::string("BT-CORPORATE");
  word.network.country = Fact<std::string>::absent();
  word.network.entities = std::vector<std::string>{"ORG-BT1-RIPE", "", "BTCR3-RIPE"};
  word.from = "rdap.db.ripe.net";
  return word;
}

template <class T>
void check_same(const T& value) {
  CHECK(facts::unpack<T>(facts::pack(value)) == value);
}

void check_same(const Fact<Origin>& origin, const char* text) {
  const auto address = *base::parse_address(text);
  CHECK(facts::unpack_origin(facts::pack(origin, address), address) == origin);
}

}  // namespace

TEST_CASE("what is packed is unpacked as it was") {
  for (const char* address : {"62.239.237.1", "62.240.0.1", "2a00:2380::1"}) {
    check_same(Fact<Origin>(origin({5400})), address);
    check_same(Fact<Origin>(origin(std::vector<std::uint32_t>(64, 4'294'967'295))), address);
    check_same(Fact<Origin>::absent(), address);
  }
  check_same(Fact<std::string>(std::string("BT-UK-AS BTnet UK, GB\0\xff", 23)));
  check_same(Fact<std::string>(std::string(256, 'x')));
  check_same(Fact<std::string>::absent());
  auto word = network("62.239.237.0", "62.239.237.255");
  check_same(word);
  CHECK(facts::range_of(facts::pack(word)) == word.range());
  word = network("2a00:2380::", "2a00:2380:ffff:ffff:ffff:ffff:ffff:ffff");
  word.kind = NetworkWord::Kind::rough;
  word.network.name = Fact<std::string>();
  word.network.entities = Fact<std::vector<std::string>>();
  check_same(word);
  check_same(NetworkWord());
}

TEST_CASE("the origins of neighbours are the same bytes when only their prefixes differ") {
  const auto told_of = [](const char* text) {
    auto near = origin({5400});
    near.prefix = *base::parse_network(base::cat(text, "/24"));
    return facts::pack(Fact<Origin>(near), *base::parse_address(text));
  };
  CHECK(told_of("62.239.237.0") == told_of("62.239.238.0"));
}

TEST_CASE("the same bytes take memory once, for as long as somebody has them") {
  facts::PackedPool pool;
  facts::Packed first = pool.share("abc"), second = pool.share("abc");
  CHECK(first.bytes().data() == second.bytes().data());
  facts::Packed other = pool.share("abd");
  CHECK(pool.size() == 2);
  first = std::move(other);
  CHECK(first.bytes() == "abd");
  CHECK(second.bytes() == "abc");
  second = facts::Packed();
  CHECK(pool.size() == 2);  // `other` has what `first` had
  other = facts::Packed();
  CHECK(pool.size() == 1);
  CHECK(pool.share("").bytes().empty());
  CHECK(pool.size() == 1);
}
