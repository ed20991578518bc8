// A dump of the database of a registry, or of the networks in it (ripe.db.inetnum, ripe.db.inet6num
// and their like): objects of RPSL (RFC 2622, 2) with an empty line behind each.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>

#include "cached/base/result.h"
#include "cached/facts/ranges.h"
#include "cached/facts/seed_text.h"
#include "cached/facts/seeds.h"
#include "cached/facts/texts.h"

namespace facts {

class Inetnums {
 public:
  // Blocks (a million objects: 1 s). Those that stand for what the registry does not manage are
  // left out. Objects of other classes are left alone. An error has a line for each problem.
  static base::Result<Inetnums> read(SeedText& text);

  // The smallest network around it; nullopt: there is none.
  std::optional<Seeds::Network> find(const base::Address& address) const;
  std::size_t size() const { return ranges_.size(); }

 private:
  friend class InetnumReader;

  AddressRanges<std::uint32_t> ranges_;
  Texts texts_;  // name, line end, country
};

}  // namespace facts
