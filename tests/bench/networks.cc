// What a list of networks costs: time to build it, time of a lookup, memory of a line. One line of
// figures for each kind of list and number of lines.
// SPDX-License-Identifier: MIT

#include "cached/rules/networks.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

namespace {

using base::Address;
using base::Network;

std::mt19937_64 engine(1);

std::uint64_t below(std::uint64_t limit) {
  return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine);
}

Address random_address(bool v4) {
  Address address = *base::parse_address(v4 ? "0.0.0.0" : "2000::");
  for (std::size_t i = v4 ? 12 : 1; i < 16; i++)
    address.bytes[i] = static_cast<unsigned char>(below(256));
  return address;
}

Network random_network(bool v4, int shortest, int longest) {
  Network network{random_address(v4), 0};
  network.prefix = shortest + static_cast<int>(below(static_cast<std::uint64_t>(longest) + 1 -
                                                     static_cast<std::uint64_t>(shortest)));
  network.prefix += v4 ? 96 : 0;
  for (int bit = network.prefix; bit < 128; bit++)
    network.address.bytes[static_cast<std::size_t>(bit / 8)] &=
        static_cast<unsigned char>(~(0x80 >> bit % 8));
  return network;
}

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct Kind {
  const char* name;
  double share_of_v4;
  int v4_shortest, v4_longest, v6_shortest, v6_longest;
};

// Half of the lookups are of addresses inside the list's networks, half of any.
void measure(const Kind& kind, std::size_t lines) {
  rules::Networks networks;
  std::vector<Network> all;
  for (std::size_t i = 0; i < lines; i++)
    all.push_back(static_cast<double>(below(1000)) < kind.share_of_v4 * 1000
                      ? random_network(true, kind.v4_shortest, kind.v4_longest)
                      : random_network(false, kind.v6_shortest, kind.v6_longest));
  auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < lines; i++) networks.add(all[i], static_cast<rules::RuleId>(i));
  networks.build();
  const double build = since(begin);

  constexpr std::size_t lookups = 500'000;
  std::vector<Address> clients;
  for (std::size_t i = 0; i < lookups; i++)
    clients.push_back(i % 2 && lines > 0 ? all[below(lines)].address
                                         : random_address(kind.share_of_v4 > 0.5 || i % 4 == 0));
  std::shuffle(clients.begin(), clients.end(), engine);
  const std::vector<rules::Rule> rules(lines);
  const rules::Live live(rules, 1'800'000'000);
  std::size_t found = 0;
  begin = std::chrono::steady_clock::now();
  for (const auto& client : clients) found += networks.find(client, live).has_value();
  const double lookup = since(begin);
  std::printf("networks kind=%s lines=%zu build_ms=%.1f lookup_ns=%.1f found=%.2f bytes=%.2f\n",
              kind.name, lines, build * 1e3, lookup / lookups * 1e9,
              static_cast<double>(found) / lookups,
              lines > 0 ? static_cast<double>(networks.bytes()) / static_cast<double>(lines) : 0);
}

}  // namespace

int main() {
  constexpr Kind kinds[] = {
      {"mixed", 0.5, 8, 32, 24, 128},    {"ipv4", 1, 8, 32, 0, 0},
      {"ipv4-hosts", 1, 32, 32, 0, 0},   {"ipv6", 0, 0, 0, 24, 64},
      {"ipv6-hosts", 0, 0, 0, 128, 128},
  };
  for (const Kind& kind : kinds)
    for (const std::size_t lines : {0, 1'000, 1'000'000}) measure(kind, lines);
}
