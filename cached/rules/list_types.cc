// See list_types.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/list_types.h"

#include "cached/facts/cymru.h"

namespace rules {
namespace {

using facts::Fact;
using facts::Facts;
using facts::State;

State state_of(State fact) { return fact == State::known ? State::absent : fact; }

State see_addresses(const Facts& facts, const See& see) {
  see(facts.address);
  if (facts.embedded) see(*facts.embedded);
  return State::absent;
}

State see_text(const Fact<std::string>& fact, const See& see) {
  if (const auto* text = fact.find()) see(std::string_view(*text));
  return state_of(fact.state());
}

State see_texts(const Fact<std::vector<std::string>>& fact, const See& see) {
  if (const auto* texts = fact.find())
    for (const std::string& text : *texts) see(std::string_view(text));
  return state_of(fact.state());
}

State see_country(const Fact<std::string>& fact, const See& see) {
  if (fact.state() == State::absent) see(std::string_view("None"));
  return see_text(fact, see);
}

State see_host(const Facts& facts, const See& see) {
  if (facts.reverse_names.state() == State::absent) see(std::string_view("<>"));
  return see_texts(facts.reverse_names, see);
}

State see_as_numbers(const Facts& facts, const See& see) {
  if (const auto* numbers = facts.as_numbers.find())
    for (const std::uint32_t number : *numbers) see(number);
  return state_of(facts.as_numbers.state());
}

// Also as the predecessors' library wrote a name that is not plain ASCII: lists may have it so.
void see_both(std::string_view name, const See& see) {
  see(name);
  if (!facts::is_plain_as_name(name)) see(std::string_view(facts::escaped_as_name(name)));
}

State see_network_name(const Facts& facts, const See& see) {
  if (const auto* name = facts.net_name.find()) see_both(*name, see);
  return state_of(facts.net_name.state());
}

// MaxMind's name may match too, but where it is not known the registries' are enough. Of several
// systems the names of some may not have been told.
State see_as_names(const Facts& facts, const See& see) {
  see_text(facts.as_org, see);
  const auto* names = facts.as_names.find();
  if (!names) return state_of(facts.as_names.state());
  for (const std::string& name : *names) see_both(name, see);
  return facts.unanswered & facts::needs_as_names ? State::unknown : State::absent;
}

State see_geo_country(const Facts& facts, const See& see) {
  if (const auto* geo = facts.geo.find())
    if (!geo->country.code.empty()) see(std::string_view(geo->country.code));
  return state_of(facts.geo.state());
}

State see_places(const Facts& facts, const See& see) {
  if (const auto* geo = facts.geo.find()) {
    const auto see_place = [&](const facts::Place& place) {
      if (place.geoname_id) see(place.geoname_id);
    };
    for (const auto* place : {&geo->city, &geo->country, &geo->registered_country,
                              &geo->represented_country, &geo->continent})
      see_place(*place);
    for (const auto& subdivision : geo->subdivisions) see_place(subdivision);
  }
  return state_of(facts.geo.state());
}

State see_position(const Facts& facts, const See& see) {
  if (const auto* geo = facts.geo.find())
    if (geo->position) see(&*geo->position);
  return state_of(facts.geo.state());
}

using facts::needs_as_cc;
using facts::needs_as_names;
using facts::needs_as_numbers;
using facts::needs_blocklists;
using facts::needs_entities;
using facts::needs_names;
using facts::needs_network;

constexpr ListType rows[] = {
    {"ignore_networks", "ignored", Effect::ignore, 0, make_networks, false, "", see_addresses,
     "Addresses and networks whose logins are neither judged nor logged."},
    {"allow_networks", "allowed", Effect::allow, 0, make_networks, false, "", see_addresses,
     "Addresses and networks whose logins no list behind this one refuses. They are logged."},
    {"ip_networks", "ip_net", Effect::refuse, 0, make_networks, false, "", see_addresses,
     "Addresses and networks. Host bits do not matter: 176.112.170.0/21 is 176.112.168.0/21."},
    {"reverse_hostname", "rev_host", Effect::refuse, needs_names, make_hosts, true, "", see_host,
     "Patterns for the reverse name, without the final dot; <> is matched where there is none."},
    {"network_name", "net_name", Effect::refuse, needs_network, make_patterns, true, "",
     see_network_name, "Patterns for the name of the network at its registry."},
    {"network_cc", "net_cc", Effect::refuse, needs_network, make_countries, false, "",
     [](const Facts& f, const See& see) { return see_country(f.net_cc, see); },
     "Countries of the network at its registry; None is matched where it has none."},
    {"entities", "entity", Effect::refuse, needs_entities, make_words, false, "",
     [](const Facts& f, const See& see) { return see_texts(f.entities, see); },
     "Handles of the organisations and contacts of the network at its registry."},
    {"as_numbers", "asn", Effect::refuse, needs_as_numbers, make_as_numbers, false, "",
     see_as_numbers, "Numbers of autonomous systems: MaxMind's, or else the registries'."},
    {"as_names", "as_name", Effect::refuse, needs_as_names, make_patterns, true, "", see_as_names,
     "Patterns for the name of the autonomous system: the registry's, and MaxMind's "
     "organisation."},
    {"as_org", "as_org", Effect::refuse, 0, make_patterns, true, "asn",
     [](const Facts& f, const See& see) { return see_text(f.as_org, see); },
     "Patterns for MaxMind's organisation of the autonomous system."},
    {"as_cc", "as_cc", Effect::refuse, needs_as_cc, make_countries, false, "",
     [](const Facts& f, const See& see) { return see_country(f.as_cc, see); },
     "Countries to which the address was delegated."},
    {"geo_countries", "geo_country", Effect::refuse, 0, make_countries, false, "city",
     see_geo_country, "Countries by MaxMind."},
    {"geo_location_ids", "geoid", Effect::refuse, 0, make_place_ids, false, "city", see_places,
     "Geonames IDs of MaxMind's city, subdivisions, country, registered and represented country, "
     "and continent."},
    {"coordinates", "coords", Effect::refuse, 0, make_circles, false, "city", see_position,
     "Circles: latitude,longitude,radius in km,share. Matched when that share of the accuracy "
     "radius of MaxMind's position overlaps; with a share of 1 the position is inside."},
};

constexpr ListType dnsbl_row = {
    "dnsbl", "dnsbl", Effect::refuse, needs_blocklists, nullptr, false, "", nullptr, ""};

}  // namespace

std::span<const ListType> list_types() { return rows; }

const ListType* find_list_type(std::string_view name) {
  for (const ListType& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

const ListType& dnsbl_type() { return dnsbl_row; }

}  // namespace rules
