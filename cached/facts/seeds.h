// What is known of the registries without asking them: files that scripts/update-registry fetches
// once a day into one directory.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cached/base/ip.h"
#include "cached/base/result.h"
#include "cached/facts/registries.h"

namespace facts {

class Seeds {
 public:
  virtual ~Seeds() = default;

  // To whom a registry has delegated the addresses, by its delegated-extended file.
  struct Delegation {
    Rir rir = Rir::none;
    std::string_view country;  // two letters, upper case; empty: the file has none
  };
  virtual std::optional<Delegation> delegation(const base::Address& address) const = 0;

  // The registry to ask: the delegation's, or else that of IANA's bootstrap files (RFC 9224).
  virtual Rir rir_of(const base::Address& address) const = 0;

  // `VODANET International IP-Backbone of Vodafone, DE`; empty: not in the file.
  virtual std::string_view as_name(std::uint32_t number) const = 0;

  // The smallest network around it in a dump of inetnum and inet6num objects.
  struct Network {
    std::string_view name, country;  // as the object has them; empty: it has none
  };
  virtual std::optional<Network> network(const base::Address& address) const = 0;

  // For explain: "delegated-ripencc-extended-latest of 2026-11-20". Which file would tell.
  virtual std::string_view delegated_from(const base::Address& address) const = 0;
  virtual std::string_view as_names_from() const = 0;
  virtual std::string_view networks_from(const base::Address& address) const = 0;

  // The files that were read, a line each: `ipv4.json of 2026-11-20: 40 entries`. Of a delegated
  // file delegations, of a dump networks.
  virtual std::string listing() const = 0;
};

// Blocks (a million ranges: 1 s). What files there are in the directory; the manual names them. An
// unchanged file is not read again but taken over from `before`. An error has all problems, a line
// each, FILE:LINE: text; a file of another name is left alone.
base::Result<std::shared_ptr<const Seeds>> open_seeds(const std::string& directory,
                                                      const std::shared_ptr<const Seeds>& before,
                                                      std::string& warnings);

}  // namespace facts
