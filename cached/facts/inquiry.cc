// See inquiry.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/inquiry.h"

#include <algorithm>
#include <utility>

#include "cached/loop/within.h"

namespace facts {
namespace {

using loop::Task;

Task<bool> happened(std::shared_ptr<loop::Event> shared) {
  loop::Event& event = *shared;
  co_await event;
  co_return true;
}

template <class T>
void settle(Fact<T>& fact) {
  if (fact.state() == State::pending) fact = Fact<T>();
}

}  // namespace

bool may_have_name(const Facts& facts) {
  return facts.local_network || facts.reserved_name.empty() ||
         facts.reserved_name == "Private-Use Networks" ||
         facts.reserved_name == "Unique Local Unicast";
}

bool is_from_outside(const Facts& facts) {
  return facts.reserved_name.empty() && !facts.local_network;
}

const base::Address& client_of(const Facts& facts) {
  return facts.embedded ? *facts.embedded : facts.address;
}

void Inquiry::ask(Network& network, const Sources& sources, Needs needs) {
  if (asked_at_) return;
  asked_at_ = std::chrono::steady_clock::now();
  const auto& zones = sources.zones;
  const Self self = shared_from_this();
  if (may_have_name(facts_)) {
    ask_names(network);
  } else {
    facts_.reverse_names = Fact<std::vector<std::string>>::absent();
    facts_.confirmed = Confirmed::none;
  }
  const bool from_outside = is_from_outside(facts_);
  for (const Zone& zone : zones) {
    using Codes = Fact<std::vector<std::string>>;
    facts_.listings.push_back({zone.name, from_outside ? Codes::pending() : Codes::absent()});
  }
  if (from_outside)
    for (std::size_t row = 0; row < zones.size(); row++)
      loop::spawn(find_listing(self, network, zones[row], row));
  asking_ = true;
  if (from_outside && sources.plan) ask_registries(network, {sources.plan, sources.seeds}, needs);
  asking_ = false;
}

void Inquiry::ask_names(Network& network) {
  if (auto names = network.reverse.recall_names(facts_.address)) {
    facts_.reverse_names = std::move(names->value);
    if (const auto confirmed =
            network.reverse.recall_confirmed(facts_.address, facts_.reverse_names)) {
      facts_.confirmed = *confirmed;
      return;
    }
  } else {
    facts_.reverse_names = Fact<std::vector<std::string>>::pending();
    loop::spawn(find_names(shared_from_this(), network));
  }
  facts_.confirmed = Fact<Confirmed>::pending();
  loop::spawn(find_confirmed(shared_from_this(), network));
}

Task<void> Inquiry::find_names(Self self, Network& network) {
  const base::Address address = self->facts_.address;
  auto names = co_await network.reverse.find_names(address);
  self->facts_.reverse_names = std::move(names.value);
  self->tell();
}

Task<void> Inquiry::find_confirmed(Self self, Network& network) {
  const base::Address address = self->facts_.address;
  const auto confirmed = co_await network.reverse.find_confirmed(address);
  self->facts_.confirmed = confirmed.value;
  self->tell();
}

Task<void> Inquiry::find_listing(Self self, Network& network, Zone zone, std::size_t row) {
  const base::Address address = client_of(self->facts_);
  auto found = co_await network.dnsbl.find(zone, address);
  self->facts_.listings[row] = std::move(found.listing);
  self->tell();
}

void Inquiry::tell() {
  if (const auto told = std::exchange(more_, nullptr)) told->happen();
}

std::vector<std::string> Inquiry::pending() const {
  std::vector<std::string> names;
  const auto add = [&](const char* name, const auto& fact) {
    if (fact.state() == State::pending) names.push_back(name);
  };
  add("host", facts_.reverse_names);
  add("asn", facts_.as_numbers);
  add("as_cc", facts_.as_cc);
  add("as_desc", facts_.as_names);
  add("net_name", facts_.net_name);
  add("net_cc", facts_.net_cc);
  add("entity", facts_.entities);
  add("fcrdns", facts_.confirmed);
  if (std::any_of(facts_.listings.begin(), facts_.listings.end(),
                  [](const Listing& listing) { return listing.codes.state() == State::pending; }))
    names.push_back("dnsbl");
  return names;
}

Task<void> Inquiry::wait_for_more(Time deadline) {
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  if (pending().empty() || rest.count() <= 0) co_return;
  if (!more_) more_ = std::make_shared<loop::Event>();
  auto waiting = loop::within(loop_, rest, happened(more_));
  co_await waiting;
}

Task<void> Inquiry::wait_for_all(Time deadline) {
  const Self self = shared_from_this();
  constexpr std::chrono::milliseconds moment{1};  // a timer may be so much early
  while (!pending().empty() && std::chrono::steady_clock::now() + moment < deadline) {
    co_await self->wait_for_more(deadline);
  }
}

Facts Inquiry::settled() const {
  Facts facts = facts_;
  settle(facts.reverse_names);
  settle(facts.confirmed);
  settle(facts.as_numbers);
  for (auto* fact : {&facts.as_cc, &facts.net_name, &facts.net_cc}) settle(*fact);
  for (auto* fact : {&facts.as_names, &facts.entities}) settle(*fact);
  for (Listing& listing : facts.listings) settle(listing.codes);
  return facts;
}

}  // namespace facts
