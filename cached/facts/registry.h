// What the world knows of an address beyond its DNS: its autonomous system and the network it is
// in. Asked once per cell (an IPv4 /24, an IPv6 /48), remembered here and on the Shelf, still told
// when it is old, while it is being asked for again.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cached/base/ip.h"
#include "cached/facts/cymru.h"
#include "cached/facts/facts.h"
#include "cached/facts/memory.h"
#include "cached/facts/questions.h"
#include "cached/facts/rdap.h"
#include "cached/facts/registries.h"
#include "cached/facts/shelf.h"
#include "cached/loop/task.h"

namespace facts {

// What was found out. absent: the one who knows says there is none. unknown: nobody could tell.
template <class T>
struct Heard {
  Fact<T> value;
  Source source = Source::asked;
  std::chrono::milliseconds age{0};  // since it was told
  std::string from;     // cymru, rdap.db.ripe.net, whois43 whois.ripe.net; empty: nobody
  std::string problem;  // why nobody could tell, and since when nobody is asked
};

class Registry {
 public:
  // `cells`: how many are remembered here; beyond them, some not used for long are forgotten.
  // `shelf` may be null. Nobody may be waiting when it goes: stop its clients before.
  Registry(uv_loop_t* loop, Askers askers, Shelf* shelf, std::size_t cells);
  ~Registry();

  // Each ends by itself, at once where something is remembered, however old: else within the time
  // of the Shelf and of one question (DNS' or [registry] query_time), where the cell has several
  // networks, of a few. Absent: the addresses are not announced, the system has no name, there is
  // no network.
  loop::Task<Heard<Origin>> find_origin(base::Address address, PlanPtr plan);
  loop::Task<Heard<std::string>> find_as_name(std::uint32_t number, PlanPtr plan);

  // `rir`: to be asked; none: the one that the origin of the address names.
  loop::Task<Heard<RegisteredNetwork>> find_network(base::Address address, Rir rir, PlanPtr plan);

  // What they would tell at once, however old, without a coroutine: most logins need no more.
  // nullopt: nothing is remembered here, or [registry] ask is never.
  std::optional<Heard<Origin>> recall_origin(const base::Address& address, const PlanPtr& plan);
  std::optional<Heard<std::string>> recall_as_name(std::uint32_t number, const PlanPtr& plan);
  std::optional<Heard<RegisteredNetwork>> recall_network(const base::Address& address, Rir rir,
                                                         const PlanPtr& plan);

  // For cachedctl cache: everything remembered of the address' cell, here and on the Shelf, a line
  // each; and its end, here and there. An address' origin, network and the names of its systems.
  loop::Task<std::string> show(base::Address address);
  void flush(const base::Address& address);
  loop::Task<std::string> show_as_name(std::uint32_t number);
  void flush_as_name(std::uint32_t number);
  void flush_all();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace facts
