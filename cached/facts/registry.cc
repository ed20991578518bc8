// See registry.h. Every matter is found the same way: what is remembered is told; else the Shelf is
// read; else the world is asked, by one of those who want to know, on one of the hosts.
// SPDX-License-Identifier: MIT

#include "cached/facts/registry.h"

#include <algorithm>
#include <functional>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "cached/facts/describe.h"
#include "cached/facts/matters.h"
#include "cached/loop/once.h"
#include "cached/loop/sleep.h"

namespace facts {
namespace {

using loop::Task;
using std::chrono::milliseconds;

// A question about a cell may bring a network that is smaller. So often who waits for it joins the
// next one who asks about the cell; then he asks about his own address.
constexpr int most_joined = 3;

// When another host asks, its answer is looked for after so long each.
constexpr milliseconds patience[] = {milliseconds(50), milliseconds(100), milliseconds(200)};

// While nobody can be asked, what the Shelf did not have is looked for there again after so long.
constexpr std::chrono::seconds shelf_pause{10};
constexpr std::size_t most_missed = 1 << 15;

OriginMatter origin_of(const NetworkMatter& network) {
  return {{network.known, network.plan}, network.address, network.cell};
}

}  // namespace

struct Registry::State {
  State(uv_loop_t* on_loop, Askers askers, Shelf* shelf, std::size_t cells)
      : loop(on_loop), known(std::move(askers), shelf, cells), missed(most_missed) {}

  template <class M>
  Task<Heard<typename M::Value>> find(M matter);
  template <class M>
  std::optional<Heard<typename M::Value>> recall(const M& matter);
  template <class M>
  Task<Learned> learn(M matter, bool is_waited_for);
  template <class M>
  Task<void> refresh(M matter, std::string name);
  template <class M>
  Task<bool> read_shelf(M matter);
  template <class M>
  Task<bool> read_once(M matter);
  template <class M>
  std::string hindrance_to(const M& matter);
  template <class M>
  Task<bool> is_ours_to_ask(M matter, bool is_waited_for);

  uv_loop_t* const loop;
  Knowledge known;
  Table<WallTime> missed;     // on the Shelf, by missed_as(): when it was last read in vain
  loop::Once<bool> readings;  // by the key
  loop::Once<Learned> questions;
  std::unordered_set<std::string> refreshed;  // in the background, at the moment
  PlanPtr latest;                             // for show()
};

template <class M>
Task<Heard<typename M::Value>> Registry::State::find(M matter) {
  using Found = Heard<typename M::Value>;
  latest = matter.plan;
  if (matter.plan->ask == RegistryPlan::Ask::never)
    co_return Found{{}, Source::asked, {}, {}, "[registry] ask is never"};
  Learned learned;
  for (int round = 0; round <= most_joined + 1; round++) {
    if (auto recalled = recall(matter)) {
      if (learned.was_asked) recalled->source = Source::asked;
      co_return std::move(*recalled);
    }
    if (learned.problem.empty()) learned.problem = hindrance_to(matter);
    if (!learned.problem.empty()) break;
    auto learning = questions.find(matter.asked_as(round >= most_joined), learn(matter, true));
    learned = co_await learning;
  }
  co_return Found{{}, Source::asked, {}, {}, std::move(learned.problem)};
}

// What is remembered; what is old is asked for again. nullopt: nothing, or it must not be told.
template <class M>
std::optional<Heard<typename M::Value>> Registry::State::recall(const M& matter) {
  latest = matter.plan;
  if (matter.plan->ask == RegistryPlan::Ask::never) return std::nullopt;
  auto looked = matter.look();
  if (looked.standing == Standing::dead) return std::nullopt;
  const bool is_stale = looked.standing == Standing::stale;
  const auto name = is_stale ? matter.asked_as(false) : std::string();
  if (is_stale && !refreshed.contains(name) &&
      known.questions.take_turn(matter.asked(), *matter.plan))
    loop::spawn(refresh(matter, name));
  const auto age = std::chrono::duration_cast<milliseconds>(known.now() - looked.told);
  return Heard<typename M::Value>{std::move(looked.value),
                                  is_stale ? Source::stale : Source::remembered,
                                  std::max(age, milliseconds(0)),
                                  std::move(looked.from),
                                  {}};
}

// `is_waited_for`: something old will do, and what is old is not asked for.
template <class M>
Task<Learned> Registry::State::learn(M matter, bool is_waited_for) {
  const auto is_enough = [&] {
    const Standing standing = matter.look().standing;
    return standing == Standing::fresh || (is_waited_for && standing == Standing::stale);
  };
  co_await read_shelf(matter);
  if (is_enough()) co_return Learned{};
  if constexpr (std::is_same_v<M, NetworkMatter>) {
    if (matter.rir == Rir::none) {
      const OriginMatter origin_matter = origin_of(matter);
      const Heard<Origin> origin = co_await find(origin_matter);
      if (origin.value.find()) matter.rir = rir_named(origin.value.find()->registry);
      if (!origin.problem.empty()) co_return Learned{origin.problem, false};
    }
  }
  std::string obstacle = matter.obstacle();
  if (!obstacle.empty()) co_return Learned{std::move(obstacle), false};
  const bool is_ours = co_await is_ours_to_ask(matter, is_waited_for);
  if (!is_ours) co_return Learned{};
  auto asking = matter.ask(is_waited_for);
  Learned learned = co_await asking;
  co_return learned;
}

// Whether no other host is asking, or it has been waited for in vain.
template <class M>
Task<bool> Registry::State::is_ours_to_ask(M matter, bool is_waited_for) {
  if (!known.shelf || !known.shelf->is_shared()) co_return true;
  auto claim = known.shelf->claim(matter.asked_as(matter.is_divided()));
  const bool is_ours = co_await claim;
  if (is_ours || !is_waited_for) co_return is_ours;
  for (const milliseconds pause : patience) {
    auto sleep = loop::sleep(loop, pause);
    co_await sleep;
    co_await read_shelf(matter);
    if (matter.look().standing != Standing::dead || !matter.obstacle().empty()) co_return false;
  }
  co_return true;
}

template <class M>
Task<bool> Registry::State::read_shelf(M matter) {
  const std::string key = matter.shelf_key();
  if (!known.shelf || !known.shelf->may_have(key)) co_return false;
  auto reading = readings.find(key, read_once(matter));
  co_await reading;
  if (matter.look().standing == Standing::dead)
    missed.add(matter.missed_as()) = known.now();
  else
    missed.erase(matter.missed_as());
  co_return true;
}

template <class M>
Task<bool> Registry::State::read_once(M matter) {
  auto reading = known.shelf->read(matter.shelf_key());
  const Shelf::Kept kept = co_await reading;
  matter.take(kept);
  co_return true;
}

// Why nobody can tell: nobody can be asked, and the Shelf was read in vain a moment ago. Empty:
// somebody may be able to. While registries are away this is all that they cost a login.
template <class M>
std::string Registry::State::hindrance_to(const M& matter) {
  const WallTime* const last = missed.find(matter.missed_as());
  const WallTime now = known.now();
  const bool was_missed = last && now >= *last && now < *last + shelf_pause;
  if (known.shelf && !was_missed && known.shelf->may_have(matter.shelf_key())) return {};
  if constexpr (std::is_same_v<M, NetworkMatter>) {
    if (matter.rir == Rir::none) {
      const OriginMatter origin_matter = origin_of(matter);
      const auto origin = origin_matter.look();
      if (origin.standing == Standing::dead) return hindrance_to(origin_matter);
      NetworkMatter led = matter;
      if (origin.value.find()) led.rir = rir_named(origin.value.find()->registry);
      return led.obstacle();
    }
  }
  return matter.obstacle();
}

template <class M>
Task<void> Registry::State::refresh(M matter, std::string name) {
  refreshed.insert(name);
  auto learning = questions.find(name, learn(std::move(matter), false));
  co_await learning;
  refreshed.erase(name);
}

Registry::Registry(uv_loop_t* loop, Askers askers, Shelf* shelf, std::size_t cells)
    : state_(std::make_unique<State>(loop, std::move(askers), shelf, cells)) {}

Registry::~Registry() = default;

Task<Heard<Origin>> Registry::find_origin(base::Address address, PlanPtr plan) {
  return state_->find(OriginMatter{{&state_->known, std::move(plan)}, address, CellId(address)});
}

Task<Heard<std::string>> Registry::find_as_name(std::uint32_t number, PlanPtr plan) {
  return state_->find(AsNameMatter{{&state_->known, std::move(plan)}, number});
}

Task<Heard<RegisteredNetwork>> Registry::find_network(base::Address address, Rir rir,
                                                      PlanPtr plan) {
  return state_->find(
      NetworkMatter{{&state_->known, std::move(plan)}, address, CellId(address), rir});
}

std::optional<Heard<Origin>> Registry::recall_origin(const base::Address& address,
                                                     const PlanPtr& plan) {
  return state_->recall(OriginMatter{{&state_->known, plan}, address, CellId(address)});
}

std::optional<Heard<std::string>> Registry::recall_as_name(std::uint32_t number,
                                                           const PlanPtr& plan) {
  return state_->recall(AsNameMatter{{&state_->known, plan}, number});
}

std::optional<Heard<RegisteredNetwork>> Registry::recall_network(const base::Address& address,
                                                                 Rir rir, const PlanPtr& plan) {
  return state_->recall(NetworkMatter{{&state_->known, plan}, address, CellId(address), rir});
}

Task<std::string> Registry::show(base::Address address) {
  Knowledge& known = state_->known;
  const CellId cell(address);
  std::string text = describe_cell(known, cell, "here", state_->latest);
  if (!known.shelf) co_return text;
  Askers clock;
  clock.now = [&known] { return known.now(); };
  Knowledge shelved(std::move(clock), nullptr, most_as_numbers);
  auto reading = known.shelf->read(cell.key());
  const Shelf::Kept kept = co_await reading;
  shelved.take(cell, kept);
  if (const Cell* found = shelved.cells().find(cell))
    for (const std::uint32_t number : systems_of(cell, *found)) {
      auto reading_name = known.shelf->read(as_key(number));
      const Shelf::Kept name = co_await reading_name;
      shelved.take(number, name);
    }
  text += describe_cell(shelved, cell, "shelf", state_->latest);
  co_return text;
}

Task<std::string> Registry::show_as_name(std::uint32_t number) {
  Knowledge& known = state_->known;
  std::string text = describe_as_name(known, number, "here", state_->latest);
  if (!known.shelf) co_return text;
  Askers clock;
  clock.now = [&known] { return known.now(); };
  Knowledge shelved(std::move(clock), nullptr, 1);
  auto reading = known.shelf->read(as_key(number));
  const Shelf::Kept kept = co_await reading;
  shelved.take(number, kept);
  text += describe_as_name(shelved, number, "shelf", state_->latest);
  co_return text;
}

void Registry::flush_as_name(std::uint32_t number) {
  if (state_->known.shelf) state_->known.shelf->erase(as_key(number));
  state_->known.as_names().erase(number);
}

void Registry::flush(const base::Address& address) {
  Knowledge& known = state_->known;
  const CellId cell(address);
  if (const Cell* found = known.cells().find(cell))
    for (const std::uint32_t number : systems_of(cell, *found)) {
      if (known.shelf) known.shelf->erase(as_key(number));
      known.as_names().erase(number);
    }
  if (known.shelf) known.shelf->erase(cell.key());
  known.cells().erase(cell);
}

void Registry::flush_all() {
  Knowledge& known = state_->known;
  if (known.shelf) known.shelf->erase_all();
  known.forget_all();
}

}  // namespace facts
