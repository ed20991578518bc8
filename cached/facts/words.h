// What was told, to bytes (packed.h) and back. Only for bytes of our own making.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/base/ip.h"
#include "cached/facts/cymru.h"
#include "cached/facts/facts.h"
#include "cached/facts/rdap.h"

namespace facts {

struct Range {
  base::Address first, last;

  bool contains(const base::Address& address) const {
    return first.bytes <= address.bytes && address.bytes <= last.bytes;
  }
  bool contains(const Range& other) const { return contains(other.first) && contains(other.last); }
  bool touches(const Range& other) const {
    return first.bytes <= other.last.bytes && other.first.bytes <= last.bytes;
  }
  bool operator==(const Range&) const = default;
};

// A network as it was told.
struct NetworkWord {
  // none: there is none around `network.first` to `network.last`. rough: by port-43 WHOIS.
  enum class Kind { known, none, rough } kind = Kind::known;
  RegisteredNetwork network;
  std::string from;  // rdap.db.ripe.net

  Range range() const { return {network.first, network.last}; }
  bool operator==(const NetworkWord&) const = default;
};

// As it was told of that address. Of a prefix around it only the length is kept, so that the bytes
// are the same for many addresses of a system.
std::string pack(const Fact<Origin>& origin, const base::Address& address);
Fact<Origin> unpack_origin(std::string_view bytes, const base::Address& address);

std::string pack(const Fact<std::string>& name);
std::string pack(const NetworkWord& word);

// T is what was packed.
template <class T>
T unpack(std::string_view bytes);

Range range_of(std::string_view network_word);  // the rest is not looked at

}  // namespace facts
