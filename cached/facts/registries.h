// The five regional internet registries, and what the configuration says about asking them.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace facts {

enum class Rir { none, arin, ripencc, apnic, lacnic, afrinic };
inline constexpr std::size_t rir_count = 6;  // with none

// As the delegated files and Team Cymru spell them: "ripencc". none: empty.
std::string_view name_of(Rir rir);
Rir rir_named(std::string_view name);  // none: not one of them

// [registry], taken apart. A reload replaces it; who is still asking goes by the old one.
struct RegistryPlan {
  // always: whatever is not known. lists: what a list needs. never: nobody is asked, and nothing is
  // read from the cache.
  enum class Ask { always, lists, never } ask = Ask::always;
  bool cymru = true;
  std::array<std::string, rir_count> rdap;   // base URLs without the final /; empty: not asked
  std::array<std::string, rir_count> whois;  // HOST or HOST:PORT of port 43; empty: not asked
  std::vector<std::string> hosts;            // where a redirect of RDAP may lead
  std::string tls_ca;                        // a file; empty: the authorities the system trusts
  std::chrono::milliseconds connect_time{}, query_time{};
  // How long what was told is fresh, and how long it is told when it is old, from when it was told.
  struct Kept {
    std::chrono::milliseconds fresh{}, stale{};
  } origin, as_name, network;
  std::chrono::milliseconds pause{};  // of a registry that does not answer, at first
  int rate = 1;                       // questions a second to a registry for what is only stale
};
using PlanPtr = std::shared_ptr<const RegistryPlan>;

// An error names the option and what is wrong with it.
base::Result<RegistryPlan> make_plan(const decltype(config::Options::registry)& options);

}  // namespace facts
