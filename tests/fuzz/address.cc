// Fuzz target: lines with addresses, networks and circles, as lists and Dovecot may send them. What
// is read must keep to what the headers promise, and the longest network be found among all of
// them.
// SPDX-License-Identifier: MIT

#include <arpa/inet.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cached/base/check.h"
#include "cached/base/ip.h"
#include "cached/base/text.h"
#include "cached/facts/reserved.h"
#include "cached/rules/circles.h"
#include "cached/rules/networks.h"

namespace {

using base::Address;
using base::check;
using base::Network;

std::string written(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  check(inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text) != nullptr, "text");
  return text;
}

void flip(Address& address, int bit) {
  address.bytes[static_cast<std::size_t>(bit / 8)] ^= static_cast<unsigned char>(0x80 >> bit % 8);
}

void check_address(const Address& address) {
  check(base::parse_address(written(address)) == address, "an address is read as written");
  const auto alone = base::parse_network(written(address));
  check(alone && *alone == Network{address, 128}, "an address is a network");
  const auto name = facts::reserved_name(address);
  check(!facts::is_private(address) || !name.empty(), "a private range has a name");
  const auto embedded = facts::embedded_v4(address);
  check(!embedded || (embedded->is_v4() && !address.is_v4()), "IPv4 in IPv6");
}

void check_network(const Network& network) {
  const bool v4 = network.address.is_v4();
  check(network.prefix >= (v4 ? 96 : 0) && network.prefix <= 128, "a prefix of its family");
  check(network.contains(network.address), "a network contains its address");
  const auto again = base::parse_network(base::cat(written(network.address), "/", network.prefix));
  check(again && *again == network, "a network is read as written");
  for (int bit = v4 ? 96 : 0; bit < 128; bit++) {
    Address other = network.address;
    flip(other, bit);
    const bool inside = bit >= network.prefix && other.is_v4() == v4;
    check(network.contains(other) == inside, "the prefix counts, and nothing else");
    check(bit < network.prefix ||
              !(network.address.bytes[static_cast<std::size_t>(bit / 8)] & (0x80 >> bit % 8)),
          "no host bits");
  }
}

void check_circle(const rules::Circle& circle) {
  check(circle.latitude >= -90 && circle.latitude <= 90, "latitude");
  check(circle.longitude >= -180 && circle.longitude <= 180, "longitude");
  check(circle.radius >= 0 && circle.share >= 0, "radius and share");
  const facts::Position here{circle.latitude, circle.longitude, 10, {}};
  check(rules::overlap(circle, here) == 1, "the centre of a circle is inside");
  const facts::Position there{-circle.latitude, circle.longitude / 2, 10, {}};
  const double share = rules::overlap(circle, there);
  check(share >= 0 && share <= 1, "a share is one");
}

// What Networks promises, found by looking at all.
std::optional<rules::RuleId> find(const std::vector<Network>& networks, const Address& address,
                                  const rules::Live& live) {
  std::optional<rules::RuleId> best;
  for (rules::RuleId id = 0; id < networks.size(); id++)
    if (live(id) && networks[id].contains(address))
      if (!best || networks[id].prefix > networks[*best].prefix) best = id;
  return best;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Address> addresses;
  std::vector<Network> networks;
  std::vector<rules::Rule> rules;
  rules::Networks compiled;
  for (int n = 0; n < 100; n++) {
    auto line = base::part(text, '\n', n);
    if (!line) break;
    const bool ended = line->starts_with('-');  // of a network
    if (const auto circle = rules::parse_circle(*line)) check_circle(*circle);
    if (ended) line->remove_prefix(1);
    if (const auto address = base::parse_address(*line)) addresses.push_back(*address);
    if (const auto network = base::parse_network(*line)) {
      check_network(*network);
      addresses.push_back(network->address);
      compiled.add(*network, static_cast<rules::RuleId>(networks.size()));
      networks.push_back(*network);
      rules.push_back({1, ended ? 0 : rules::for_ever, 0});
    }
  }
  compiled.build();
  const rules::Live live(rules, 0);
  for (const auto& address : addresses) {
    check_address(address);
    check(compiled.find(address, live) == find(networks, address, live), "the longest network");
  }
  return 0;
}
