// See explain.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/explain.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "cached/auth/admit.h"
#include "cached/auth/authenticate.h"
#include "cached/auth/registry_rows.h"
#include "cached/auth/rows.h"
#include "cached/base/text.h"
#include "cached/loop/group.h"

namespace auth {
namespace {

using base::cat;
using loop::Task;
using rows::age_of;
using rows::row;
using rows::since;
using rows::state_text;
using rows::text_of;
using Clock = std::chrono::steady_clock;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

std::string place_rows(const facts::Geo& geo, const std::string& source) {
  std::string text;
  const auto add = [&](std::string_view name, const facts::Place& place) {
    if (place.geoname_id == 0 && place.name.empty() && place.code.empty()) return;
    text += row(name,
                cat(place.name, place.name.empty() ? "" : " ", place.code,
                    place.code.empty() ? "" : " ", place.geoname_id),
                source);
  };
  add("city", geo.city);
  for (const auto& subdivision : geo.subdivisions) add("subdivision", subdivision);
  add("country", geo.country);
  add("registered country", geo.registered_country);
  add("represented country", geo.represented_country);
  add("continent", geo.continent);
  if (const auto& at = geo.position) {
    char position[96];
    const unsigned radius = at->accuracy_radius.value_or(0);
    std::snprintf(position, sizeof position, "%.4f,%.4f within %u km", at->latitude, at->longitude,
                  radius);
    text += row("position", position, source);
  }
  return text;
}

// What is known at once.
std::string local_facts(const facts::Facts& facts, const facts::Sources& sources,
                        const std::string& time) {
  const auto city = source_of("[maxmind] city", sources.city);
  std::string text = row("address", base::text_of(facts.address));
  if (facts.embedded) text += row("client behind it", base::text_of(*facts.embedded));
  text += row("private", facts.is_private ? "yes" : "no");
  if (!facts.reserved_name.empty()) text += row("reserved", facts.reserved_name);
  if (facts.local_network) text += row("local network", *facts.local_network);
  if (const auto* geo = facts.geo.find())
    text += place_rows(*geo, city);
  else
    text += row("place", state_text(facts.geo), city);
  text += row("as_org", text_of(facts.as_org), source_of("[maxmind] asn", sources.asn));
  return text + row("(all of these)", "", time);
}

Task<std::string> name_rows(Services& services, base::Address address) {
  const auto start = Clock::now();
  const auto names = co_await services.network.reverse.find_names(address);
  std::string text = row("host", text_of(names.value),
                         cat("dns, ", age_of(names.source, names.age), ", ", since(start)));
  const auto confirmed = co_await services.network.reverse.find_confirmed(address);
  co_return text + row("fcrdns", text_of(confirmed.value),
                       cat("dns, ", age_of(confirmed.source, confirmed.age), ", ", since(start)));
}

Task<std::string> zone_row(Services& services, facts::Zone zone, base::Address address) {
  const auto start = Clock::now();
  const auto found = co_await services.network.dnsbl.find(zone, address);
  const auto why = found.problem.empty() ? "" : cat(", ", found.problem);
  co_return row(cat("dnsbl ", zone.name), text_of(found.listing.codes),
                cat("dns, ", age_of(found.source, found.age), ", ", since(start), why));
}

// Asked through the same caches as the inquiry, which has asked already: this is for the ages.
Task<std::string> network_facts(Services& services, SnapshotPtr now, facts::Facts facts) {
  loop::Group<std::string> rows;
  if (facts::may_have_name(facts)) rows.add(name_rows(services, facts.address));
  if (facts::is_from_outside(facts))
    for (const facts::Zone& zone : now->sources.zones)
      rows.add(zone_row(services, zone, facts.embedded.value_or(facts.address)));
  const auto all = co_await rows.results();
  std::string text;
  for (const std::string& one : all) text += one;
  co_return text;
}

std::string outcome_text(const rules::List& list, const rules::Outcome& outcome) {
  using Is = rules::Outcome::Is;
  if (outcome.is == Is::not_matched) return "not matched";
  if (outcome.is != Is::matched) return "not known";
  const auto why = list.reason_of(outcome.rule);
  return cat("matched by ", list.where(outcome.rule), why.empty() ? "" : ": ", why);
}

std::string list_rows(const rules::Policy& policy, const facts::Facts& facts) {
  std::string text;
  for (const auto& list : policy.lists) {
    const auto start = Clock::now();
    const auto outcome = list->match(facts, static_cast<rules::Time>(std::time(nullptr)));
    const auto& settings = list->settings();
    const std::string_view mode = settings.mode == rules::Mode::log ? " (log only)" : "";
    text += row(cat(settings.name, mode), outcome_text(*list, outcome), since(start));
  }
  return text.empty() ? "  there are none\n" : text;
}

}  // namespace

Task<std::string> explain(Services& services, SnapshotPtr now, Question question) {
  const auto start = Clock::now();
  const auto inquiry = std::make_shared<facts::Inquiry>(
      services.loop, facts::look_up(now->sources, question.address));
  const auto local_time = since(start);
  const auto known = inquiry->facts();
  // Whatever the lists need, and for a disabled service too: somebody wants to know.
  inquiry->ask(services.network, now->sources, facts::needs_registry);
  auto login = std::make_shared<base::Login>();
  login->request = base::Request::audit;
  login->user = question.user;
  login->service = question.service;
  login->remote_ip = base::text_of(question.address);
  const std::shared_ptr<const base::Login> asked = login;
  auto verdict = co_await judge(services, now, asked, inquiry);
  const auto verdict_time = since(start);
  const auto deadline = start + now->options().audit.network_time;
  co_await inquiry->wait_for_all(deadline);
  const auto facts = inquiry->settled();
  const auto all = Clock::now() + now->options().registry.query_time;
  co_await inquiry->wait_for_all(all);  // who is too late for a login
  const auto registries = registry_rows(now->sources, known, *inquiry);
  const auto network = co_await network_facts(services, now, facts);
  std::string text = cat("facts\n", local_facts(facts, now->sources, local_time), registries,
                         network, "lists\n", list_rows(now->policy, facts), "verdict\n");
  text += row(base::name_of(verdict.answer), verdict.reason, verdict_time);
  if (!verdict.rule.empty()) text += row("rule", verdict.rule);
  if (!verdict.message.empty()) text += row("message", verdict.message);
  for (const std::string& trial : trials(*now, facts)) text += row("would block", trial);
  if (!verdict.logged) text += row("logged", "no");
  co_return text;
}

}  // namespace auth
