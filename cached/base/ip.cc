// See ip.h.
// SPDX-License-Identifier: MIT

#include "cached/base/ip.h"

#include <arpa/inet.h>
#include <endian.h>
#include <algorithm>
#include <cstring>
#include <string>

#include "cached/base/text.h"

namespace base {
namespace {

constexpr int bits_of_v4 = 32;
constexpr int bits_of_v6 = 128;
constexpr int bits_of_mapping = bits_of_v6 - bits_of_v4;
constexpr unsigned char mapping[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// The byte of a mask of `prefix` bits at that place.
unsigned char mask_byte(int prefix, int place) {
  const int bits = std::clamp(prefix - 8 * place, 0, 8);
  return static_cast<unsigned char>(0xff00 >> bits);
}

std::uint64_t word(const Address& address, std::size_t first_byte) {
  std::uint64_t word;
  std::memcpy(&word, address.bytes.data() + first_byte, sizeof word);
  return be64toh(word);
}

}  // namespace

bool Address::is_v4() const { return std::memcmp(bytes.data(), mapping, sizeof mapping) == 0; }

std::optional<Address> parse_address(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  if (plain.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  if (inet_pton(AF_INET6, plain.c_str(), address.bytes.data()) == 1) return address;
  if (plain.size() != text.size()) return std::nullopt;  // IPv4 has no zones
  if (inet_pton(AF_INET, plain.c_str(), address.bytes.data() + sizeof mapping) != 1)
    return std::nullopt;
  std::memcpy(address.bytes.data(), mapping, sizeof mapping);
  return address;
}

std::string text_of(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  const bool v4 = address.is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes.data() + (v4 ? 12 : 0), text, sizeof text);
  return text;
}

Network Network::around(const Address& address, int prefix) {
  Network network{address, prefix};
  for (int i = 0; i < 16; i++)
    network.address.bytes[static_cast<std::size_t>(i)] &= mask_byte(prefix, i);
  return network;
}

bool Network::contains(const Address& other) const {
  const auto differ = [&](std::size_t first_byte, int bits) {
    const auto mask = bits > 0 ? ~std::uint64_t{0} << (64 - std::min(bits, 64)) : 0;
    return ((word(address, first_byte) ^ word(other, first_byte)) & mask) != 0;
  };
  return !differ(0, prefix) && !differ(8, prefix - 64) && address.is_v4() == other.is_v4();
}

Result<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address_text = text.substr(0, slash);
  const auto address = parse_address(address_text);
  if (!address || address_text.find('%') != std::string_view::npos)
    return Error{cat(printable(text), " is not an address or a network")};
  int bits_of_network = bits_of_v6;
  if (slash != std::string_view::npos) {
    const bool v4_text = address_text.find(':') == std::string_view::npos;
    const int bits = v4_text ? bits_of_v4 : bits_of_v6;
    const auto prefix = parse_number<std::uint8_t>(text.substr(slash + 1));  // -0 is no number
    if (!prefix || *prefix > bits)
      return Error{cat(printable(text), ": the prefix must be between 0 and ", bits)};
    bits_of_network = *prefix + (v4_text ? bits_of_mapping : 0);
  }
  return Network::around(*address, bits_of_network);
}

bool contains(const std::vector<Network>& networks, const Address& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.contains(address); });
}

}  // namespace base
