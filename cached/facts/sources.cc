// See sources.h. The words for local and reserved addresses (ZZ, IANA-RESERVED) are the
// predecessors'.
// SPDX-License-Identifier: MIT

#include "cached/facts/sources.h"

#include <algorithm>

#include "cached/base/text.h"
#include "cached/facts/reserved.h"

namespace facts {
namespace {

// No registry and no database knows the address: it is the site's own, or nobody's.
void settle(Facts& facts, const std::string& as_name, const std::string& net_name) {
  facts.as_cc = facts.net_cc = std::string("ZZ");
  facts.as_names = std::vector{as_name};
  facts.net_name = net_name;
  facts.as_org = Fact<std::string>::absent();
  facts.as_numbers = Fact<std::vector<std::uint32_t>>::absent();
  facts.entities = Fact<std::vector<std::string>>::absent();
  facts.geo = Fact<Geo>::absent();
}

Zone::Families families_named(std::string_view word) {
  if (word == "4") return Zone::Families::v4;
  return word == "6" ? Zone::Families::v6 : Zone::Families::both;
}

struct Database {
  const char* option;
  const std::string& path;
  const std::shared_ptr<const Mmdb>& before;
  MmdbUse use;
};

// Files of the registries, and how they are asked. Adds lines: FILE:LINE: text.
void open_registries(const config::File& file, const std::string& path, const Sources& before,
                     Sources& sources, std::string& errors, std::string& warnings) {
  const auto& options = file.options.registry;
  auto plan = make_plan(options);
  if (plan)
    sources.plan = std::make_shared<const RegistryPlan>(std::move(*plan));
  else
    errors += file.located(path, "registry", plan.error().text);
  if (options.seeds.empty()) return;
  std::string warned;
  auto seeds = open_seeds(options.seeds, before.seeds, warned);
  const auto where = file.where(path, "registry", "seeds");
  const auto add = [&](std::string& lines, std::string_view between, std::string_view text) {
    for (int i = 0; const auto line = base::part(text, '\n', i); i++)
      if (!line->empty()) lines += base::cat(where, between, *line, "\n");
  };
  add(warnings, ": warning: ", warned);
  if (seeds)
    sources.seeds = *seeds;
  else
    add(errors, ": ", seeds.error().text);
}

// What the registries' files say of the address; unknown where they say nothing.
void find_seeds(const Seeds& seeds, const base::Address& client, Facts& facts) {
  const auto fact = [](std::string_view text) {
    return text.empty() ? Fact<std::string>::absent() : Fact<std::string>(std::string(text));
  };
  if (const auto delegation = seeds.delegation(client)) facts.as_cc = fact(delegation->country);
  if (const auto network = seeds.network(client)) {
    facts.net_name = fact(network->name);
    facts.net_cc = fact(network->country);
  }
  if (!facts.as_numbers.find()) return;
  std::vector<std::string> names;
  for (const auto number : *facts.as_numbers.find())
    if (const auto name = seeds.as_name(number); !name.empty()) names.emplace_back(name);
  if (names.size() == facts.as_numbers.find()->size()) facts.as_names = std::move(names);
}

}  // namespace

Sources open_sources(const config::File& file, const std::string& path, const Sources& before,
                     std::string& errors, std::string& warnings) {
  const auto open = [&](const Database& database) -> std::shared_ptr<const Mmdb> {
    if (database.path.empty()) return nullptr;
    const auto opened = open_mmdb(database.path, database.before);
    const auto text = opened ? doubt(**opened, database.use) : opened.error().text;
    if (!text.empty())
      (opened ? warnings : errors) += base::cat(file.where(path, "maxmind", database.option),
                                                opened ? ": warning: " : ": ", text, "\n");
    return opened ? *opened : nullptr;
  };
  const auto& options = file.options;
  Sources sources;
  sources.city = open({"city", options.maxmind.city, before.city, MmdbUse::geo});
  sources.asn = open({"asn", options.maxmind.asn, before.asn, MmdbUse::as});
  open_registries(file, path, before, sources, errors, warnings);
  for (const auto& local : options.local_networks)
    sources.local_networks.push_back({local.network, local.name});
  std::stable_sort(
      sources.local_networks.begin(), sources.local_networks.end(),
      [](const auto& a, const auto& b) { return a.network.prefix > b.network.prefix; });
  sources.local_location = options.audit.local_locationname;
  for (const auto& zone : options.dnsbl)
    sources.zones.push_back(
        {zone.name, std::string((*zone.zone).reveal()), zone.codes, families_named(zone.families)});
  return sources;
}

Facts look_up(const Sources& sources, const base::Address& address) {
  Facts facts;
  facts.address = address;
  facts.embedded = embedded_v4(address);
  // 6to4 and its like are private by the table, but the one behind them comes from the Internet.
  const base::Address& client = facts.embedded ? *facts.embedded : address;
  facts.is_private = is_private(client);
  facts.reserved_name = reserved_name(client);
  for (const auto& local : sources.local_networks) {
    if (!local.network.contains(address)) continue;
    facts.local_network = local.name;
    settle(facts, sources.local_location, local.name);
    return facts;
  }
  if (!facts.reserved_name.empty()) {
    settle(facts, "IANA-RESERVED", facts.reserved_name);
    return facts;
  }
  if (sources.city) facts.geo = find_geo(*sources.city, client);
  if (sources.asn) find_as(*sources.asn, client, facts);
  if (sources.seeds) find_seeds(*sources.seeds, client, facts);
  return facts;
}

}  // namespace facts
