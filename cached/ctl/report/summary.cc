// See summary.h. Keys of several texts are put together with NUL, which no text has.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/summary.h"

#include <algorithm>
#include <cmath>

#include "cached/base/text.h"
#include "cached/rules/circles.h"

namespace ctl::report {
namespace {

using base::cat;

constexpr char nul = '\0';
constexpr double degree_parts = 10;  // points of the map are a tenth of a degree apart

std::string text_of(const facts::Fact<std::string>& fact) {
  return fact.find() ? *fact.find() : std::string();
}

// What of the facts the list of that word has matched, as the predecessor's mail had it.
std::string value_of(const Event& e) {
  const auto& f = e.facts;
  if (e.matched == "asn") return system_of(e);
  if (e.matched == "rev_host") return host_of(e);
  if (e.matched == "ip_net" || e.matched == "ip") return e.ip;
  if (e.matched == "net_name") return text_of(f.net_name);
  if (e.matched == "net_cc") return text_of(f.net_cc);
  if (e.matched == "as_cc") return text_of(f.as_cc);
  if (e.matched == "as_name" || e.matched == "as_desc" || e.matched == "as_org")
    return system_name(e);
  if (e.matched == "geo_country" || e.matched == "geoid" || e.matched == "coords")
    return place_of(e);
  if (e.matched == "service") return e.service;
  return {};
}

// As the predecessor's mail had it: the host, or <whose network it is>.
std::string name_of_source(const Event& e) {
  const auto host = host_of(e);
  if (!host.empty() && host != "<>") return host;
  const auto name = system_name(e);
  return name.empty() ? host : cat("<", name, ">");
}

void remember_user(std::vector<std::uint32_t>& users, const std::string& user) {
  if (user.empty() || users.size() >= most_counted_users) return;
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string>()(user));
  const auto at = std::lower_bound(users.begin(), users.end(), hash);
  if (at == users.end() || *at != hash) users.insert(at, hash);
}

}  // namespace

std::string system_of(const Event& e) {
  const auto* numbers = e.facts.as_numbers.find();
  return numbers && !numbers->empty() ? cat("AS", numbers->front()) : std::string();
}

std::string system_name(const Event& e) {
  if (const auto* org = e.facts.as_org.find()) return *org;
  const auto* names = e.facts.as_names.find();
  return names && !names->empty() ? names->front() : std::string();
}

std::string network_of(const Event& e) {
  if (auto system = system_of(e); !system.empty()) return system;
  if (!e.has_address) return {};
  const auto* const prefix = e.facts.address.is_v4() ? "/24" : "/48";
  const auto network = base::parse_network(cat(base::text_of(e.facts.address), prefix));
  return network ? cat(base::text_of(network->address), prefix) : std::string();
}

std::string country_of(const Event& e) {
  if (const auto* geo = e.facts.geo.find())
    if (!geo->country.name.empty()) return geo->country.name;
  const auto country = text_of(e.facts.as_cc);
  return country == "ZZ" ? std::string() : country;
}

std::string place_of(const Event& e) {
  const auto* geo = e.facts.geo.find();
  if (!geo || geo->city.name.empty()) return country_of(e);
  return cat(geo->city.name, geo->country.name.empty() ? "" : ", ", geo->country.name);
}

std::string host_of(const Event& e) {
  const auto& names = e.facts.reverse_names;
  if (const auto* known = names.find(); known && !known->empty()) return known->front();
  return names.state() == facts::State::absent ? "<>" : "";
}

void count_point(Tally<Point>& points, const Event& e, std::size_t series) {
  const auto* geo = e.facts.geo.find();
  if (!geo || !geo->position) return;
  const auto part = [](double degrees) { return std::lround(degrees * degree_parts); };
  auto& point = points[cat(part(geo->position->latitude), nul, part(geo->position->longitude))];
  if (point.count == 0) {
    point.latitude = geo->position->latitude;
    point.longitude = geo->position->longitude;
    point.place = place_of(e);
  }
  point.count += e.times;
  point.counts[series] += e.times;
}

Summary::Summary(Span the_span, const Known& known, Limits the_limits)
    : span(the_span),
      limits(the_limits),
      blocked(limits.rows),
      addresses(limits.rows),
      systems(limits.rows),
      news(limits.rows),
      journeys(limits.rows),
      failing_addresses(limits.rows),
      failing_networks(limits.rows),
      trials(limits.rows),
      points(limits.rows),
      services(limits.rows),
      countries(limits.rows),
      users(limits.users),
      known_(known),
      calendar_(span.bar) {}

void Summary::add(const Event& e) {
  if (e.time && e.time >= span.until) return;
  const bool reported = !e.time || e.time >= span.since;
  const bool is_user = e.was_right() && !e.user.empty();  // and not one of many
  if (is_user) compare_with_past(e, reported);
  if (!reported) {
    history += e.times;
    return;
  }
  const auto outcome = static_cast<std::size_t>(e.outcome);
  counts[outcome] += e.times;
  if (e.time)
    bars[calendar_.start_of(e.time)][outcome] += e.times;
  else
    without_time += e.times;
  const auto count_plain = [&](Tally<Plain>& tally, std::string_view key) {
    if (key.empty()) return;
    auto& row = tally[key];
    row.count += e.times;
    row.counts[outcome] += e.times;
  };
  count_plain(services, e.service);
  count_plain(countries, country_of(e));
  if (is_user) count_plain(users, e.user);
  if (e.outcome == Outcome::refused) count_refusal(e);
  if (e.outcome == Outcome::failed) count_failure(e);
  if (e.was_right()) count_place(e);
  if (!e.would_block.empty() && e.was_right())
    for (int i = 0; const auto entry = base::part(e.would_block, ';', i); i++) {
      auto& trial = trials[base::trim(*entry)];
      trial.count += e.times;
      remember_user(trial.users, e.user);
    }
  count_point(points, e, outcome);
}

void Summary::count_refusal(const Event& e) {
  const auto matched = e.matched.empty() ? e.reason : e.matched;
  const auto value = value_of(e);
  auto& row = blocked[cat(e.user, nul, matched, nul, value, nul, e.rule)];
  if (row.count == 0) row = {0, 0, e.user, matched, value, e.rule, {}, {}};
  row.count += e.times;
  row.last = std::max(row.last, e.time);
  row.ip = e.ip;
  row.place = place_of(e);
}

bool Summary::is_known(const Event& e) const {
  return known_.has_system(system_of(e)) || known_.has_host(host_of(e)) ||
         text_of(e.facts.as_cc) == "ZZ";
}

void Summary::count_place(const Event& e) {
  const auto refused = e.outcome == Outcome::refused ? e.times : 0;
  const auto system = system_of(e);
  const auto name = system_name(e);
  if (!e.ip.empty()) {
    auto& address = addresses[e.ip];
    address.count += e.times;
    address.refused += refused;
    if (!refused) address.user = e.user;
    address.name = name_of_source(e);
    address.system = system;
    address.known = is_known(e);
  }
  if (system.empty()) return;
  auto& row = systems[system];
  row.count += e.times;
  row.refused += refused;
  row.name = name;
  row.known = known_.has_system(system);
}

void Summary::count_failure(const Event& e) {
  const auto count = [&](Tally<Failing>& tally, const std::string& key, std::string name) {
    if (key.empty()) return;
    auto& row = tally[key];
    row.count += e.times;
    row.last = std::max(row.last, e.time);
    row.name = std::move(name);
    remember_user(row.users, e.user);
  };
  count(failing_addresses, e.ip, name_of_source(e));
  count(failing_networks, network_of(e), system_name(e));
}

std::uint32_t Summary::number_of(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(numbers_.size());
  if (numbers_.size() < limits.users) numbers_.emplace(name, number);
  return number;
}

void Summary::compare_with_past(const Event& e, bool reported) {
  auto found = past_.find(e.user);
  if (found == past_.end()) {
    if (past_.size() >= limits.users) {
      users_not_remembered++;
      return;
    }
    found = past_.emplace(e.user, Past()).first;
    if (reported) new_users.insert(e.user);
  }
  Past& past = found->second;
  if (!reported) past.had_before = true;
  note(e, past.countries, past.had_before, reported, "country", country_of(e), "");
  note(e, past.networks, past.had_before, reported, "network", network_of(e), system_name(e));
  travel(e, past, reported);
}

void Summary::note(const Event& e, std::set<std::uint32_t>& seen, bool had_before, bool reported,
                   std::string_view kind, std::string_view value, std::string_view name) {
  if (value.empty() || e.facts.is_private) return;
  const auto key = cat(e.user, nul, kind, nul, value);
  const bool is_new = seen.size() < limits.networks && seen.insert(number_of(value)).second;
  if (!reported || !had_before || (!is_new && !news.find(key))) return;
  auto& row = news[key];
  if (row.count == 0) {
    row.first = e.time;
    row.user = e.user, row.kind = kind, row.value = value, row.ip = e.ip, row.name = name;
  }
  row.count += e.times;
  if (e.outcome == Outcome::refused) row.refused += e.times;
}

// From where the user logged in last to here, the accuracy of both places taken off.
void Summary::travel(const Event& e, Past& past, bool reported) {
  const auto* geo = e.facts.geo.find();
  if (!geo || !geo->position || !e.time) return;
  Stop here{e.time, *geo->position, e.ip, place_of(e), system_name(e)};
  const Stop from = std::exchange(past.last, here);
  if (!from.time || !reported || from.ip == e.ip) return;
  const auto radius = [](const facts::Position& at) { return at.accuracy_radius.value_or(0); };
  const double km =
      rules::distance(from.position, here.position) - radius(from.position) - radius(here.position);
  const double hours = std::max(std::abs(static_cast<double>(here.time - from.time)), 1.0) / 3600;
  if (km < limits.least_distance || km / hours <= limits.speed) return;
  auto& row = journeys[cat(e.user, nul, std::min(from.place, here.place), nul,
                           std::max(from.place, here.place))];
  if (row.count++ > 0 && row.speed >= km / hours) return;
  row.user = e.user, row.from = from, row.to = std::move(here);
  row.distance = km, row.speed = km / hours;
}

}  // namespace ctl::report
