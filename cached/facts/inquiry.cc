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

void Inquiry::ask(Network& network, const std::vector<Zone>& zones) {
  if (std::exchange(asked_, true)) return;
  const Self self = shared_from_this();
  if (may_have_name(facts_)) {
    facts_.reverse_names = Fact<std::vector<std::string>>::pending();
    facts_.confirmed = Fact<Confirmed>::pending();
    loop::spawn(find_names(self, network));
    loop::spawn(find_confirmed(self, network));
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

// Of the client behind 6to4 and the like: the zones know IPv4 addresses best.
Task<void> Inquiry::find_listing(Self self, Network& network, Zone zone, std::size_t row) {
  const base::Address address = self->facts_.embedded.value_or(self->facts_.address);
  auto found = co_await network.dnsbl.find(zone, address);
  self->facts_.listings[row] = std::move(found.listing);
  self->tell();
}

void Inquiry::tell() {
  const auto told = std::exchange(more_, std::make_shared<loop::Event>());
  told->happen();
}

std::vector<std::string> Inquiry::pending() const {
  std::vector<std::string> names;
  if (facts_.reverse_names.state() == State::pending) names.push_back("host");
  if (facts_.confirmed.state() == State::pending) names.push_back("fcrdns");
  if (std::any_of(facts_.listings.begin(), facts_.listings.end(),
                  [](const Listing& listing) { return listing.codes.state() == State::pending; }))
    names.push_back("dnsbl");
  return names;
}

Task<void> Inquiry::wait_for_more(Time deadline) {
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  if (pending().empty() || rest.count() <= 0) co_return;
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
  for (Listing& listing : facts.listings) settle(listing.codes);
  return facts;
}

}  // namespace facts
