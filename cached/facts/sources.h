// What is known of an address without asking anybody: the site's own networks, reserved ranges,
// MaxMind's files, those of the registries. And who is to be asked for the rest.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cached/config/file.h"
#include "cached/facts/dnsbl.h"
#include "cached/facts/facts.h"
#include "cached/facts/geo.h"
#include "cached/facts/registries.h"
#include "cached/facts/seeds.h"

namespace facts {

// What a reload replaces.
struct Sources {
  std::shared_ptr<const Mmdb> city, asn;  // null: not configured
  struct LocalNetwork {
    base::Network network;
    std::string name;
  };
  std::vector<LocalNetwork> local_networks;  // the longest prefix first
  std::string local_location;                // as_desc of an address in them
  std::vector<Zone> zones;                   // of [dnsbl], to be asked
  std::shared_ptr<const Seeds> seeds;        // null: not configured
  std::shared_ptr<const RegistryPlan> plan;  // of [registry]; null in tests at most
};

// Blocks. What the configuration says; `path` is its own, for messages. What has not changed since
// `before` is taken over. Adds lines: FILE:LINE: text.
Sources open_sources(const config::File& file, const std::string& path, const Sources& before,
                     std::string& errors, std::string& warnings);

// Who in the network can tell more about the address is left unknown.
Facts look_up(const Sources& sources, const base::Address& address);

}  // namespace facts
