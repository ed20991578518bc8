// See inquiry.h. What the registries are asked, and what becomes of their answers.
// SPDX-License-Identifier: MIT

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>

#include "cached/facts/inquiry.h"
#include "cached/loop/group.h"

namespace facts {
namespace {

using loop::Task;

// So many of a multi-origin prefix have their names told: nobody announces it from more.
constexpr std::size_t most_systems = 16;

// What the files tell, or what is remembered; nullopt: it has to be asked for.
std::optional<Heard<std::string>> recall_as_name(Registry& registry, std::uint32_t number,
                                                 const PlanPtr& plan, const Seeds* seeds) {
  const std::string_view known = seeds ? seeds->as_name(number) : std::string_view();
  if (known.empty()) return registry.recall_as_name(number, plan);
  Heard<std::string> heard;
  heard.value = std::string(known);
  return heard;
}

Task<Heard<std::string>> find_as_name(Registry& registry, std::uint32_t number, PlanPtr plan,
                                      std::shared_ptr<const Seeds> seeds) {
  if (auto recalled = recall_as_name(registry, number, plan, seeds.get()))
    co_return std::move(*recalled);
  auto asking = registry.find_as_name(number, plan);
  auto heard = co_await asking;
  co_return heard;
}

// Whose names are asked for.
std::span<const std::uint32_t> systems_of(const Facts& facts) {
  const auto* numbers = facts.as_numbers.find();
  if (!numbers) return {};
  return std::span(*numbers).first(std::min(numbers->size(), most_systems));
}

Rir rir_of(const Seeds* seeds, const base::Address& address) {
  return seeds ? seeds->rir_of(address) : Rir::none;
}

// Leaves the value.
template <class T>
Inquiry::Teller teller_of(Heard<T>&& heard) {
  return {heard.source, heard.age, std::move(heard.from), std::move(heard.problem)};
}

}  // namespace

// What the lists need, or the audit line, and no file has told.
Needs Inquiry::left_open(const RegistryPlan& plan, Needs needs) const {
  using Ask = RegistryPlan::Ask;
  if (plan.ask == Ask::never) return 0;
  if (plan.ask == Ask::always) needs |= needs_registry & ~needs_entities;
  const auto is_open = [](const auto& fact) { return fact.state() == State::unknown; };
  Needs open = needs_entities;
  // That MaxMind knows of no system is not the last word.
  if (!facts_.as_numbers.find()) open |= needs_as_numbers;
  if (is_open(facts_.as_cc)) open |= needs_as_cc;
  if (is_open(facts_.as_names)) open |= needs_as_names;
  if (is_open(facts_.net_name) || is_open(facts_.net_cc)) open |= needs_network;
  if (needs & open & needs_as_names) needs |= needs_as_numbers;  // whose names they are
  open &= needs;
  if (!plan.cymru) open &= needs_network | needs_entities;
  const auto is_empty = [](const std::string& server) { return server.empty(); };
  if (std::all_of(plan.rdap.begin(), plan.rdap.end(), is_empty) &&
      std::all_of(plan.whois.begin(), plan.whois.end(), is_empty))
    open &= ~(needs_network | needs_entities);
  return open;
}

void Inquiry::ask_registries(Network& network, const Books& books, Needs needs) {
  const Needs open = left_open(*books.plan, needs);
  const auto await = [](auto& fact) {
    if (!fact.find()) fact = std::decay_t<decltype(fact)>::pending();
  };
  const bool origin = open & (needs_as_numbers | needs_as_cc);
  if (origin) await(facts_.as_numbers);
  if (origin && facts_.as_cc.state() == State::unknown) await(facts_.as_cc);
  if (open & needs_as_names) await(facts_.as_names);
  const bool numbers_known = facts_.as_numbers.find();
  const bool wants_network = open & (needs_network | needs_entities);
  if (wants_network) {
    if (facts_.net_name.state() == State::unknown) await(facts_.net_name);
    if (facts_.net_cc.state() == State::unknown) await(facts_.net_cc);
    await(facts_.entities);
  }
  if (origin) ask_origin(network, books);
  if (wants_network) ask_network(network, books);
  // Else they are asked for when the numbers are told.
  if ((open & needs_as_names) && numbers_known) ask_as_names(network, books);
}

template <class T>
void Inquiry::fill(Fact<T>& fact, Fact<T>&& heard, Needs need, Over over) {
  const bool is_better = over == Over::files && heard.state() >= State::absent;
  if (fact.state() != State::pending && !is_better) return;
  if (heard.state() == State::unknown) facts_.unanswered |= need;
  fact = std::move(heard);
}

Inquiry::Over Inquiry::goes_over(Source source) const {
  return asking_ && source != Source::stale ? Over::files : Over::nothing;
}

// --- the origin

void Inquiry::ask_origin(Network& network, const Books& books) {
  if (auto heard = network.registry.recall_origin(client_of(facts_), books.plan)) {
    const bool names_wait = take(std::move(*heard));
    if (names_wait) ask_as_names(network, books);
  } else {
    loop::spawn(find_origin(shared_from_this(), network, books));
  }
}

Task<void> Inquiry::find_origin(Self self, Network& network, Books books) {
  const base::Address address = client_of(self->facts_);
  auto asking = network.registry.find_origin(address, books.plan);
  auto heard = co_await asking;
  const bool names_wait = self->take(std::move(heard));
  if (names_wait) self->ask_as_names(network, books);
}

bool Inquiry::take(Heard<Origin>&& heard) {
  tellers_.origin = teller_of(std::move(heard));
  const bool was_open = facts_.as_numbers.state() == State::pending;
  const State state = heard.value.state();
  auto numbers = decltype(facts_.as_numbers)::in_state(state);
  auto country = Fact<std::string>::in_state(state);
  if (Origin* origin = heard.value.find()) {
    numbers = std::move(origin->as_numbers);
    country = origin->country.empty() ? Fact<std::string>::absent() : std::move(origin->country);
  }
  fill(facts_.as_numbers, std::move(numbers), needs_as_numbers, Over::nothing);
  fill(facts_.as_cc, std::move(country), needs_as_cc, goes_over(heard.source));
  tell();
  return was_open && facts_.as_names.state() == State::pending;
}

// --- the names of its systems

void Inquiry::ask_as_names(Network& network, const Books& books) {
  HeardNames all;
  for (const std::uint32_t number : systems_of(facts_)) {
    auto heard = recall_as_name(network.registry, number, books.plan, books.seeds.get());
    if (!heard) return loop::spawn(find_as_names(shared_from_this(), network, books));
    all.push_back(std::move(*heard));
  }
  take(std::move(all));
}

Task<void> Inquiry::find_as_names(Self self, Network& network, Books books) {
  loop::Group<Heard<std::string>> questions;
  for (const std::uint32_t number : systems_of(self->facts_))
    questions.add(find_as_name(network.registry, number, books.plan, books.seeds));
  auto all = co_await questions.results();
  self->take(std::move(all));
}

void Inquiry::take(HeardNames&& all) {
  const auto systems = systems_of(facts_);
  std::vector<std::string> names;
  bool unknown = facts_.as_numbers.state() == State::unknown;
  for (std::size_t i = 0; i < all.size(); i++) {
    unknown = unknown || all[i].value.state() == State::unknown;
    if (auto* name = all[i].value.find()) names.push_back(std::move(*name));
    tellers_.as_names.emplace_back(systems[i], teller_of(std::move(all[i])));
  }
  if (unknown) facts_.unanswered |= needs_as_names;
  auto told = decltype(facts_.as_names)::in_state(unknown ? State::unknown : State::absent);
  if (!names.empty()) told = std::move(names);
  fill(facts_.as_names, std::move(told), needs_as_names, Over::nothing);
  tell();
}

// --- the network

void Inquiry::ask_network(Network& network, const Books& books) {
  const base::Address& address = client_of(facts_);
  const Rir rir = rir_of(books.seeds.get(), address);
  if (auto heard = network.registry.recall_network(address, rir, books.plan))
    take(std::move(*heard));
  else
    loop::spawn(find_network(shared_from_this(), network, books));
}

Task<void> Inquiry::find_network(Self self, Network& network, Books books) {
  const base::Address address = client_of(self->facts_);
  const Rir rir = rir_of(books.seeds.get(), address);
  auto asking = network.registry.find_network(address, rir, books.plan);
  auto heard = co_await asking;
  self->take(std::move(heard));
}

void Inquiry::take(Heard<RegisteredNetwork>&& heard) {
  tellers_.network = teller_of(std::move(heard));
  const State state = heard.value.state();
  RegisteredNetwork nothing;
  if (!heard.value.find()) {
    nothing.name = nothing.country = Fact<std::string>::in_state(state);
    nothing.entities = decltype(nothing.entities)::in_state(state);
  }
  RegisteredNetwork& found = heard.value.find() ? *heard.value.find() : nothing;
  const Over over = goes_over(heard.source);
  fill(facts_.net_name, std::move(found.name), needs_network, over);
  fill(facts_.net_cc, std::move(found.country), needs_network, over);
  fill(facts_.entities, std::move(found.entities), needs_entities, over);
  tell();
}

}  // namespace facts
