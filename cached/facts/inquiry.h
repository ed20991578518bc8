// The facts of one login as they come in: what is known at once, and what the network is asked.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cached/facts/network.h"
#include "cached/facts/sources.h"
#include "cached/loop/event.h"
#include "cached/loop/task.h"

namespace facts {

// Whether its reverse name is asked for: loopback and the like have none anywhere, but networks
// inside a site may have names in its own DNS.
bool may_have_name(const Facts& facts);

// Whether zones and registries are asked about it, which know addresses of the Internet only.
bool is_from_outside(const Facts& facts);

// The address they are asked about: of 6to4 and the like, the client's behind it.
const base::Address& client_of(const Facts& facts);

class Inquiry : public std::enable_shared_from_this<Inquiry> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Inquiry(uv_loop_t* loop, Facts known) : loop_(loop), facts_(std::move(known)) {}

  const Facts& facts() const { return facts_; }

  // Starts asking everybody at once; later calls do nothing. `needs` is what the lists need to
  // know. What the files of `sources` tell the registries are not asked for. Where they are asked
  // all the same, for another fact, what is freshly remembered of them goes before the files; what
  // they tell later does not: a verdict may have been given by then.
  void ask(Network& network, const Sources& sources, Needs needs);

  std::optional<Time> asked_at() const { return asked_at_; }  // nullopt: nobody was asked
  std::vector<std::string> pending() const;  // what nobody has told yet, as the audit line has it

  // Who of the registries told something, for explain. Nothing: nobody was asked, or has told yet.
  struct Teller {
    Source source = Source::asked;
    std::chrono::milliseconds age{0};  // since it was told
    std::string from, problem;         // as Heard has them
  };
  struct Tellers {
    std::optional<Teller> origin, network;
    std::vector<std::pair<std::uint32_t, Teller>> as_names;  // of the systems, in their order
  };
  const Tellers& tellers() const { return tellers_; }

  // Both return at the deadline at the latest, and at once when nothing is pending.
  loop::Task<void> wait_for_more(Time deadline);  // until somebody has told something
  loop::Task<void> wait_for_all(Time deadline);

  // As facts(), but what is pending is unknown: when the time is over.
  Facts settled() const;

 private:
  using Self = std::shared_ptr<Inquiry>;  // outlives the one who asked
  void ask_names(Network& network);
  static loop::Task<void> find_names(Self self, Network& network);
  static loop::Task<void> find_confirmed(Self self, Network& network);
  static loop::Task<void> find_listing(Self self, Network& network, Zone zone, std::size_t row);

  // What is needed to ask a registry, or to do without.
  struct Books {
    PlanPtr plan;
    std::shared_ptr<const Seeds> seeds;  // may be null
  };
  Needs left_open(const RegistryPlan& plan, Needs needs) const;
  void ask_registries(Network& network, const Books& books, Needs needs);

  // What is remembered is taken at once; else find_X() is started, which takes it when it is told.
  void ask_origin(Network& network, const Books& books);
  void ask_as_names(Network& network, const Books& books);
  void ask_network(Network& network, const Books& books);
  static loop::Task<void> find_origin(Self self, Network& network, Books books);
  static loop::Task<void> find_as_names(Self self, Network& network, Books books);
  static loop::Task<void> find_network(Self self, Network& network, Books books);
  using HeardNames = std::vector<Heard<std::string>>;  // of the systems, in their order
  bool take(Heard<Origin>&& heard);                    // true: now the systems' names are asked for
  void take(HeardNames&& all);
  void take(Heard<RegisteredNetwork>&& heard);
  enum class Over { nothing, files };  // what it takes the place of
  Over goes_over(Source source) const;
  template <class T>
  void fill(Fact<T>& fact, Fact<T>&& heard, Needs need, Over over);

  void tell();  // those who wait: something has come in

  uv_loop_t* const loop_;
  Facts facts_;
  Tellers tellers_;
  std::optional<Time> asked_at_;
  bool asking_ = false;                // what is told now was remembered
  std::shared_ptr<loop::Event> more_;  // the next to come in; null: nobody waits for it
};

}  // namespace facts
