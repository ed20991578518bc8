// See matters.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/matters.h"

#include <algorithm>
#include <utility>

#include "cached/base/clock.h"
#include "cached/base/text.h"
#include "cached/base/thread.h"

namespace facts {
namespace {

using base::cat;
using loop::Task;
using std::chrono::milliseconds;

constexpr std::size_t most_as_names = 200'000;  // there are half as many systems in the world

std::chrono::seconds shelf_time(const RegistryPlan::Kept& kept) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(kept.fresh, kept.stale));
}

void add_trouble(Trouble& trouble, WallTime now) { trouble = {now, trouble.tries + 1}; }

std::string obstacle_of(const Trouble& trouble, const RegistryPlan& plan, WallTime now) {
  const WallTime until = trouble.told + pause_after(trouble.tries, plan.pause);
  if (trouble.tries == 0 || now < trouble.told || now >= until) return {};
  return cat("asked in vain, not asked again until ", base::utc_text(until));
}

}  // namespace

Knowledge::Knowledge(Askers askers, Shelf* on_shelf, std::size_t limit)
    : questions(std::move(askers)),
      shelf(on_shelf),
      limit_(limit),
      memory_(std::make_unique<Memory>(limit)) {}

Knowledge::Memory::Memory(std::size_t limit)
    : cells(limit), as_names(std::min(limit, most_as_names)) {}

// To let go of a million things takes a while, in which the loop is wanted.
void Knowledge::forget_all() {
  std::shared_ptr<Memory> old = std::exchange(memory_, std::make_unique<Memory>(limit_));
  base::start_thread([old = std::move(old)] {});
}

Standing Knowledge::standing(WallTime told, const RegistryPlan::Kept& kept,
                             milliseconds most) const {
  const bool is_flushed = told < flushed && flushed <= now();
  return is_flushed ? Standing::dead : standing_of(told, now(), kept, most);
}

void Knowledge::take_flush(WallTime of_shelf) {
  if (of_shelf <= now() + clocks_differ) flushed = std::max(flushed, std::min(of_shelf, now()));
}

void Knowledge::take(const CellId& cell, const Shelf::Kept& kept) {
  take_flush(kept.flushed);
  const ShelvedCell read = parse_cell(cell, kept, now());
  if (read.origin) cells().keep(cell, *read.origin, now());
  for (const auto& word : read.networks) cells().keep(cell, word, now());
  if (!read.trouble) return;
  Trouble& trouble = cells().add(cell).need_rest().network_trouble;
  if (replaces(read.trouble->told, trouble.told, now())) trouble = *read.trouble;
}

void Knowledge::take(std::uint32_t as_number, const Shelf::Kept& kept) {
  take_flush(kept.flushed);
  auto name = parse_as_name(kept, now());
  if (!name) return;
  AsName& known = as_names().add(as_number);
  if (replaces(name->told, known.name.told, now())) keep(known, *name);
}

void Knowledge::keep(AsName& known, const Dated<Fact<std::string>>& name) {
  known.name = {memory_->names.share(pack(name.value)), name.told};
}

// --- the origin of a cell

Looked<Origin> OriginMatter::look() const {
  Looked<Origin> looked;
  const Cell* found = known->cells().find(cell);
  if (!found || !found->origin.value) return looked;
  found->whole.value.prefetch();  // it is wanted as well, and then the system's name
  looked.value = found->origin_of(cell);
  looked.told = found->origin.told;
  looked.standing = known->standing(looked.told, plan->origin, most_fresh(looked.value));
  if (looked.standing == Standing::dead) return {};
  if (const Origin* origin = looked.value.find())
    known->as_names().prefetch(origin->as_numbers.front());
  looked.from = "cymru";
  return looked;
}

std::string OriginMatter::asked_as(bool) const { return cat("origin.", cell.key()); }

std::string OriginMatter::obstacle() const {
  const Cell* found = known->cells().find(cell);
  auto obstacle = known->questions.cymru_obstacle(*plan);
  return obstacle.empty() && found && found->rest
             ? obstacle_of(found->rest->origin_trouble, *plan, known->now())
             : obstacle;
}

Task<Learned> OriginMatter::ask(bool is_waited_for) {
  auto asking = known->questions.ask_origin(address, plan, is_waited_for);
  Brought<Fact<Origin>> brought = co_await asking;
  const WallTime now = known->now();
  Cell& found = known->cells().add(cell);
  if (brought.value) {
    if (found.rest) found.rest->origin_trouble = {};
    if (known->shelf)
      known->shelf->write(cell.key(), {{std::string(origin_field), value_of(*brought.value, now)}},
                          shelf_time(plan->origin));
    known->cells().keep(cell, Dated<Fact<Origin>>{std::move(*brought.value), now}, now);
  } else if (brought.was_asked) {
    add_trouble(found.need_rest().origin_trouble, now);
  }
  co_return Learned{std::move(brought.problem), brought.was_asked};
}

// --- the name of an autonomous system

Looked<std::string> AsNameMatter::look() const {
  const Knowledge::AsName* found = known->as_names().find(number);
  if (!found || !found->name.value) return {};
  Fact<std::string> name = found->name.get();
  const WallTime told = found->name.told;
  const Standing standing = known->standing(told, plan->as_name, most_fresh(name));
  if (standing == Standing::dead) return {};
  return {standing, std::move(name), told, "cymru"};
}

std::string AsNameMatter::asked_as(bool) const { return as_key(number); }

std::string AsNameMatter::obstacle() const {
  const Knowledge::AsName* found = known->as_names().find(number);
  auto obstacle = known->questions.cymru_obstacle(*plan);
  return obstacle.empty() && found ? obstacle_of(found->trouble, *plan, known->now()) : obstacle;
}

Task<Learned> AsNameMatter::ask(bool is_waited_for) {
  auto asking = known->questions.ask_as_name(number, plan, is_waited_for);
  Brought<Fact<std::string>> brought = co_await asking;
  const WallTime now = known->now();
  Knowledge::AsName& found = known->as_names().add(number);
  if (brought.value) {
    if (known->shelf)
      known->shelf->write(shelf_key(),
                          {{std::string(as_name_field), value_of(*brought.value, now)}},
                          shelf_time(plan->as_name));
    known->keep(found, {std::move(*brought.value), now});
    found.trouble = {};
  } else if (brought.was_asked) {
    add_trouble(found.trouble, now);
  }
  co_return Learned{std::move(brought.problem), brought.was_asked};
}

// --- the network around an address

Looked<RegisteredNetwork> NetworkMatter::look() const {
  Looked<RegisteredNetwork> looked;
  const Cell* found = known->cells().find(cell);
  const auto* network = found ? found->network_of(cell, address) : nullptr;
  if (!network) return looked;
  NetworkWord word = network->get();
  looked.standing = known->standing(network->told, plan->network, most_fresh(word));
  if (looked.standing == Standing::dead) return looked;
  looked.value = word.kind == NetworkWord::Kind::none ? Fact<RegisteredNetwork>::absent()
                                                      : Fact(std::move(word.network));
  looked.told = network->told;
  looked.from = std::move(word.from);
  return looked;
}

// The first question about a cell may bring an answer for all of it; where networks in it are known
// that are smaller, the next one will rather not.
std::string NetworkMatter::asked_as(bool exactly) const {
  if (!exactly) return cat("network.", cell.key());
  return cat("network.", cell.key(), ".", hex_of(smallest_unit(address).first));
}

bool NetworkMatter::is_divided() const {
  const Cell* found = known->cells().find(cell);
  return found && found->is_divided();
}

std::string NetworkMatter::obstacle() const {
  const Cell* found = known->cells().find(cell);
  auto obstacle = known->questions.network_obstacle(rir, *plan);
  return obstacle.empty() && found && found->rest
             ? obstacle_of(found->rest->network_trouble, *plan, known->now())
             : obstacle;
}

Task<Learned> NetworkMatter::ask(bool is_waited_for) {
  auto asking = known->questions.ask_network(address, rir, plan, is_waited_for);
  Brought<NetworkWord> brought = co_await asking;
  if (brought.value) {
    remember(std::move(*brought.value));
  } else if (brought.was_asked) {
    Trouble& trouble = known->cells().add(cell).need_rest().network_trouble;
    add_trouble(trouble, known->now());
    if (known->shelf)
      known->shelf->write(shelf_key(), {{std::string(trouble_field), value_of(trouble)}},
                          longest_pause);
  }
  co_return Learned{std::move(brought.problem), brought.was_asked};
}

// What WHOIS said is not for other hosts, which may be able to ask better, and is not the end of
// smaller networks that RDAP told of, unless they are not told any more.
void NetworkMatter::remember(NetworkWord word) {
  const WallTime now = known->now();
  const bool is_rough = word.kind == NetworkWord::Kind::rough;
  Shelf::Fields fields;
  const auto add = [&](const NetworkWord& told, WallTime when) {
    fields.emplace_back(network_field(cell, told.range()), value_of(told, when));
  };
  const auto is_over = [&](const Remembered<NetworkWord>& part) {
    return !is_rough ||
           known->standing(part.told, plan->network, most_fresh(part.get())) == Standing::dead;
  };
  for (const Range& ended : known->cells().forget_smaller(cell, address, word.range(), is_over))
    fields.emplace_back(network_field(cell, ended), "");
  if (!is_rough) add(word, now);
  const bool is_full = known->cells().keep(cell, Dated<NetworkWord>{std::move(word), now}, now);
  Cell& found = known->cells().add(cell);
  if (found.rest && found.rest->network_trouble.tries > 0 && !is_rough)
    fields.emplace_back(trouble_field, "");
  if (found.rest) found.rest->network_trouble = {};
  if (!known->shelf) return;
  if (is_full && !is_rough) {  // fields can only be added
    known->shelf->erase(shelf_key());
    fields.clear();
    if (const auto& origin = found.origin; origin.value)
      fields.emplace_back(origin_field, value_of(found.origin_of(cell), origin.told));
    const auto add_network = [&](const Remembered<NetworkWord>& network) {
      const NetworkWord told = network.get();
      if (told.kind != NetworkWord::Kind::rough) add(told, network.told);
    };
    if (found.whole.value) add_network(found.whole);
    std::ranges::for_each(found.rest->parts, add_network);
  }
  known->shelf->write(shelf_key(), std::move(fields), shelf_time(plan->network));
}

}  // namespace facts
