// IANA's bootstrap files (ipv4.json, ipv6.json; RFC 9224): which registry answers for an address.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

#include "cached/base/result.h"
#include "cached/facts/ranges.h"
#include "cached/facts/registries.h"
#include "cached/facts/seed_text.h"

namespace facts {

class Bootstrap {
 public:
  static constexpr std::size_t most_bytes = 4 << 20;  // of a file: there are 10 KB

  // Blocks. The host of a service's URL tells the registry; services of others are left alone.
  static base::Result<Bootstrap> read(SeedText& text);

  Rir rir_of(const base::Address& address) const;  // none: not in the file
  std::size_t size() const { return ranges_.size(); }

 private:
  AddressRanges<std::uint8_t> ranges_;
};

}  // namespace facts
