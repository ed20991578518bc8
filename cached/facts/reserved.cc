// See reserved.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/reserved.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace facts {
namespace {

using base::Address;
using base::Network;

Network network(const char* text) {
  const auto parsed = base::parse_network(text);
  base::check(static_cast<bool>(parsed), text);
  return *parsed;
}

std::vector<Network> networks(std::initializer_list<const char*> texts) {
  std::vector<Network> all;
  for (const char* text : texts) all.push_back(network(text));
  return all;
}

struct Name {
  Network network;
  std::string_view name;
};

// ipwhois' names, in the order in which it looks; what else is private has the last name of its
// family. It calls the IPv4-mapped addresses Reserved, which here have the name of the IPv4 one.
std::vector<Name> table_of_names() {
  std::vector<Name> names = {
      {network("0.0.0.0/8"), "This Network"},
      {network("127.0.0.0/8"), "Loopback"},
      {network("169.254.0.0/16"), "Link Local"},
      {network("192.0.0.0/24"), "IETF Protocol Assignments"},
      {network("192.0.2.0/24"), "TEST-NET-1"},
      {network("192.88.99.0/24"), "6to4 Relay Anycast"},
      {network("198.18.0.0/15"), "Network Interconnect Device Benchmark Testing"},
      {network("198.51.100.0/24"), "TEST-NET-2"},
      {network("203.0.113.0/24"), "TEST-NET-3"},
      {network("224.0.0.0/4"), "Multicast"},
      {network("255.255.255.255/32"), "Limited Broadcast"},
      {network("ff00::/8"), "Multicast"},
      {network("::/128"), "Unspecified"},
      {network("::1/128"), "Loopback"},
      {network("fe80::/10"), "Link-Local"},
      {network("fec0::/10"), "Site-Local"},
  };
  // RFC 4291: all that is neither global unicast (2000::/3) nor one of those above nor fc00::/7.
  for (const auto& reserved : networks(
           {"::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3",
            "8000::/3", "a000::/3", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9"}))
    names.push_back({reserved, "Reserved"});
  return names;
}

// The four bytes from `first` on, as an IPv4 address; Teredo has them inverted.
Address v4_at(const Address& address, std::size_t first, unsigned char inverted = 0) {
  Address v4 = *base::parse_address("0.0.0.0");
  for (std::size_t i = 0; i < 4; i++) v4.bytes[12 + i] = address.bytes[first + i] ^ inverted;
  return v4;
}

}  // namespace

bool is_private(const Address& address) {
  static const auto private_ones = networks(
      {"0.0.0.0/8",      "10.0.0.0/8",   "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
       "192.0.0.0/24",   "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
       "203.0.113.0/24", "240.0.0.0/4",  "::1/128",        "::/128",         "64:ff9b:1::/48",
       "100::/64",       "2001::/23",    "2001:db8::/32",  "2002::/16",      "fc00::/7",
       "fe80::/10"});
  static const auto except =
      networks({"192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32",
                "2001:4:112::/48", "2001:20::/28", "2001:30::/28"});
  return base::contains(private_ones, address) && !base::contains(except, address);
}

std::string_view reserved_name(const Address& address) {
  static const auto names = table_of_names();
  const auto row = std::find_if(names.begin(), names.end(),
                                [&](const Name& name) { return name.network.contains(address); });
  if (row != names.end()) return row->name;
  if (!is_private(address)) return {};
  return address.is_v4() ? "Private-Use Networks" : "Unique Local Unicast";
}

std::optional<Address> embedded_v4(const Address& address) {
  static const auto six_to_four = network("2002::/16");
  static const auto teredo = network("2001::/32");
  static const auto nat64 = network("64:ff9b::/96");
  if (six_to_four.contains(address)) return v4_at(address, 2);
  if (teredo.contains(address)) return v4_at(address, 12, 0xff);
  if (nat64.contains(address)) return v4_at(address, 12);
  return std::nullopt;
}

}  // namespace facts
