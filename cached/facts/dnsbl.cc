// See dnsbl.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/dnsbl.h"

#include <algorithm>
#include <utility>

#include "cached/base/check.h"
#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/loop/group.h"

namespace facts {
namespace {

using base::cat;
using clients::DnsAnswer;
using Outcome = DnsAnswer::Outcome;

constexpr int patience = 5;  // questions in a row that are not answered, then the zone pauses

base::Network network(std::string_view text) {
  const auto parsed = base::parse_network(text);
  base::check(static_cast<bool>(parsed), "a constant network");
  return *parsed;
}

// What an answer says about the zone itself: why it cannot be believed, or nothing.
std::string complaint(const DnsAnswer& answer) {
  static const base::Network listings = network("127.0.0.0/8");
  static const base::Network errors = network("127.255.255.0/24");
  for (const auto& value : answer.values) {
    const auto code = base::parse_address(value);
    if (!code || !listings.contains(*code))
      return cat("answers ", value, ", which no DNS list does");
    if (errors.contains(*code)) return cat("refuses to answer, with code ", value);
  }
  return {};
}

// What has to be listed always, and what never (RFC 5782, 5).
struct TestEntries {
  const char* listed;
  const char* unlisted;
};
constexpr TestEntries of_v4 = {"2.0.0.127.", "1.0.0.127."};
constexpr TestEntries of_v6 = {  // ::FFFF:7F00:2, which is not the IPv4 address here
    "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.",
    "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."};

std::string key_of(const Zone& zone, bool v4) { return cat(v4 ? "4 " : "6 ", zone.zone); }

bool counts(const Zone& zone, const std::string& code) {
  const auto address = base::parse_address(code);
  return zone.codes.empty() || (address && base::contains(zone.codes, *address));
}

}  // namespace

Dnsbl::Dnsbl(clients::Dns& dns, std::size_t limit, const Lifetimes& remembered,
             const ZoneCare& care)
    : dns_(dns), care_(care), answers_(limit, remembered) {}

loop::Task<Dnsbl::Found> Dnsbl::find(Zone zone, base::Address address) {
  const bool v4 = address.is_v4();
  if (zone.families == (v4 ? Zone::Families::v6 : Zone::Families::v4))
    co_return Found{{zone.name, Codes::absent()}, {}, {}, {}};
  Health& health = health_of(zone, v4);
  if (health.state == Health::State::unchecked) {
    auto checking = check_once(zone, v4);
    co_await checking;
  } else if (Clock::now() >= health.check_at) {
    loop::spawn(check_in_background(zone, v4));
  }
  if (health.state == Health::State::broken) co_return unknown(zone, health);

  std::string key = cat(key_of(zone, v4), " ", health.generation, " ");
  key.append(address.bytes.begin(), address.bytes.end());
  auto finding = answers_.find(std::move(key), ask(zone, address));
  const Seen<Codes> seen = co_await finding;
  if (seen.value.state() == State::unknown) co_return unknown(zone, health);
  std::vector<std::string> codes;
  if (const auto* all = seen.value.find())
    for (const auto& code : *all)
      if (counts(zone, code)) codes.push_back(code);
  Codes counted = codes.empty() ? Codes::absent() : Codes(std::move(codes));
  co_return Found{{zone.name, std::move(counted)}, seen.source, seen.age, {}};
}

Dnsbl::Health& Dnsbl::health_of(const Zone& zone, bool v4) {
  Health& health = healths_[key_of(zone, v4)];
  if (health.who.empty()) health.who = cat("DNS list ", zone.name, v4 ? "" : " for IPv6");
  return health;
}

Dnsbl::Found Dnsbl::unknown(const Zone& zone, const Health& health) const {
  return {
      {zone.name, Codes()}, {}, {}, health.problem.empty() ? "does not answer" : health.problem};
}

// Fails at once as long as the zone is set aside, so that what is remembered is still told.
loop::Task<Told<Dnsbl::Codes>> Dnsbl::ask(Zone zone, base::Address address) {
  Health& health = health_of(zone, address.is_v4());
  const Told<Codes> no_answer{Codes(), {}, true};
  if (health.state != Health::State::works) co_return no_answer;
  const std::string name = cat(clients::reversed_labels(address), ".", zone.zone);
  DnsAnswer answer = co_await dns_.addresses(name);
  if (answer.outcome == Outcome::failed) {
    health.unanswered += answer.was_asked;
    if (health.unanswered >= patience && health.state == Health::State::works)
      set_aside(health, Health::State::silent, cat("does not answer: ", answer.problem));
    co_return no_answer;
  }
  health.unanswered = 0;
  if (auto problem = complaint(answer); !problem.empty()) {
    set_aside(health, Health::State::broken, std::move(problem));
    co_return no_answer;
  }
  const bool listed = answer.outcome == Outcome::found;
  Codes codes = listed ? Codes(std::move(answer.values)) : Codes::absent();
  co_return Told<Codes>{std::move(codes), answer.ttl};
}

loop::Task<bool> Dnsbl::check_once(const Zone& zone, bool v4) {
  return checks_.find(key_of(zone, v4), check(zone, v4));
}

loop::Task<void> Dnsbl::check_in_background(Zone zone, bool v4) {
  auto checking = check_once(zone, v4);
  co_await checking;
}

loop::Task<bool> Dnsbl::check(Zone zone, bool v4) {
  Health& health = health_of(zone, v4);
  const TestEntries& entries = v4 ? of_v4 : of_v6;
  loop::Group<DnsAnswer> questions;
  questions.add(dns_.addresses(entries.listed + zone.zone));
  questions.add(dns_.addresses(entries.unlisted + zone.zone));
  const auto answers = co_await questions.results();
  judge(health, answers[0], answers[1]);
  co_return health.state == Health::State::works;
}

void Dnsbl::judge(Health& health, const DnsAnswer& listed, const DnsAnswer& unlisted) {
  using enum Health::State;
  if (health.state == works && !(listed.was_asked && unlisted.was_asked)) {
    health.check_at = Clock::now() + care_.pause;
    return;
  }
  for (const DnsAnswer* answer : {&listed, &unlisted}) {
    if (auto problem = complaint(*answer); !problem.empty())
      return set_aside(health, broken, std::move(problem));
    if (answer->outcome == Outcome::failed)
      return set_aside(health, silent, cat("does not answer: ", answer->problem));
  }
  if (unlisted.outcome == Outcome::found)
    return set_aside(health, broken, "lists what no list may, and so perhaps everything");
  if (listed.outcome != Outcome::found)
    return set_aside(health, broken, "does not list its test entry, and so perhaps nothing");
  if (std::exchange(health.announced, false)) base::log::notice(cat(health.who, " works again"));
  health.state = works;
  health.problem.clear();
  health.unanswered = 0;
  health.check_at = Clock::now() + care_.check;
}

void Dnsbl::set_aside(Health& health, Health::State state, std::string problem) {
  const auto now = Clock::now();
  const bool is_broken = state == Health::State::broken;
  health.generation += is_broken;
  health.state = state;
  health.problem = std::move(problem);
  health.check_at = now + (is_broken ? care_.rest : care_.pause);
  if (now < health.alarm_at) return;
  health.alarm_at = now + care_.alarm;
  health.announced = true;
  base::log::warning(cat(health.who, " is not asked for a while: it ", health.problem));
}

}  // namespace facts
