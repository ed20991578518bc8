// See explain.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/explain.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "cached/auth/admit.h"
#include "cached/auth/authenticate.h"
#include "cached/base/text.h"
#include "cached/loop/group.h"

namespace auth {
namespace {

using base::cat;
using facts::Fact;
using facts::State;
using loop::Task;
using Clock = std::chrono::steady_clock;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

std::string since(Clock::time_point start) {
  char text[32];
  const std::chrono::duration<double, std::micro> time = Clock::now() - start;
  const bool long_time = time.count() >= 1000;
  std::snprintf(text, sizeof text, "%.1f %s", long_time ? time.count() / 1000 : time.count(),
                long_time ? "ms" : "us");
  return text;
}

// A line: what, its value, where it is from and how long that took.
std::string row(std::string_view name, std::string_view value, std::string_view note = {}) {
  constexpr std::size_t name_width = 23, value_width = 40;
  std::string line = cat("  ", name);
  line.resize(std::max(line.size() + 1, name_width), ' ');
  line += base::printable(value);
  if (note.empty()) return line + "\n";
  line.resize(std::max(line.size() + 2, name_width + value_width), ' ');
  return cat(line, note, "\n");
}

template <class T>
std::string state_text(const Fact<T>& fact) {
  return fact.state() == State::absent ? "none" : "not known";
}

std::string text_of(const Fact<std::string>& fact) {
  return fact.find() ? *fact.find() : state_text(fact);
}

std::string text_of(const Fact<std::vector<std::string>>& fact) {
  std::string text;
  if (const auto* words = fact.find())
    for (const std::string& word : *words) text += cat(text.empty() ? "" : ", ", word);
  return text.empty() ? state_text(fact) : text;
}

std::string text_of(const Fact<std::vector<std::uint32_t>>& fact) {
  std::string text;
  if (const auto* numbers = fact.find())
    for (const auto number : *numbers) text += cat(text.empty() ? "AS" : ", AS", number);
  return text.empty() ? state_text(fact) : text;
}

std::string text_of(const Fact<facts::Confirmed>& fact) {
  constexpr const char* words[] = {"pass", "fail", "none", "could not be found out"};
  return fact.find() ? words[static_cast<int>(*fact.find())] : state_text(fact);
}

std::string age_of(facts::Source source, std::chrono::milliseconds age) {
  if (source == facts::Source::asked) return "asked now";
  return cat(source == facts::Source::stale ? "old, being asked again, " : "remembered, ",
             age.count() / 1000, " s old");
}

std::string source_of(std::string_view option, const std::shared_ptr<const facts::Mmdb>& file) {
  return file ? cat(option, " of ", facts::built_on(*file)) : cat(option, " is not configured");
}

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
  const auto asn = source_of("[maxmind] asn", sources.asn);
  std::string text = row("address", base::text_of(facts.address));
  if (facts.embedded) text += row("client behind it", base::text_of(*facts.embedded));
  text += row("private", facts.is_private ? "yes" : "no");
  if (!facts.reserved_name.empty()) text += row("reserved", facts.reserved_name);
  if (facts.local_network) text += row("local network", *facts.local_network);
  if (const auto* geo = facts.geo.find())
    text += place_rows(*geo, city);
  else
    text += row("place", state_text(facts.geo), city);
  text += row("asn", text_of(facts.as_numbers), asn);
  text += row("as_org", text_of(facts.as_org), asn);
  text += row("as_name", text_of(facts.as_names));
  text += row("as_cc", text_of(facts.as_cc));
  text += row("net_name", text_of(facts.net_name));
  text += row("net_cc", text_of(facts.net_cc));
  text += row("entities", text_of(facts.entities));
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
  inquiry->ask(services.network, now->sources.zones);  // also for a service that is disabled
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
  const auto network = co_await network_facts(services, now, facts);
  std::string text = cat("facts\n", local_facts(facts, now->sources, local_time), network,
                         "lists\n", list_rows(now->policy, facts), "verdict\n");
  text += row(base::name_of(verdict.answer), verdict.reason, verdict_time);
  if (!verdict.rule.empty()) text += row("rule", verdict.rule);
  if (!verdict.message.empty()) text += row("message", verdict.message);
  for (const std::string& trial : trials(*now, facts)) text += row("would block", trial);
  if (!verdict.logged) text += row("logged", "no");
  co_return text;
}

}  // namespace auth
