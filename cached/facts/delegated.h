// A delegated-extended file of a registry: to whom it has given which addresses, in which country.
// https://ftp.ripe.net/pub/stats/ripencc/RIR-Statistics-Exchange-Format.txt says what is in it.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cached/base/result.h"
#include "cached/facts/ranges.h"
#include "cached/facts/registries.h"
#include "cached/facts/seed_text.h"

namespace facts {

class Delegated {
 public:
  // Blocks. The file of that registry. What is available or reserved is nobody's. An error has a
  // line for each problem; that there are not as many records as the summary says is one.
  static base::Result<Delegated> read(SeedText& text, Rir rir);

  // Two letters, upper case, or none where the file has none. nullopt: it is nobody's.
  std::optional<std::string_view> country_of(const base::Address& address) const;

  std::size_t size() const { return ranges_.size(); }  // delegations
  std::size_t segments() const { return ranges_.segments(); }

 private:
  friend class DelegatedReader;

  AddressRanges<std::uint16_t> ranges_;  // of countries, as numbers
};

}  // namespace facts
