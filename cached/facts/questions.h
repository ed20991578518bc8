// Questions to Team Cymru and to the registries, each of which is left alone for a while when it
// does not answer, or says so. What they answer is not remembered here.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cached/base/ip.h"
#include "cached/clients/dns.h"
#include "cached/clients/http.h"
#include "cached/clients/whois.h"
#include "cached/facts/breaker.h"
#include "cached/facts/cells.h"
#include "cached/facts/cymru.h"
#include "cached/facts/gate.h"
#include "cached/facts/registries.h"
#include "cached/loop/task.h"

namespace facts {

// Who is asked, and the clock; tests have others.
struct Askers {
  std::function<loop::Task<clients::DnsAnswer>(std::string name)> texts;
  std::function<loop::Task<clients::HttpAnswer>(clients::HttpRequest request)> get;
  std::function<loop::Task<clients::WhoisText>(std::string server, std::string question,
                                               std::chrono::milliseconds time)>
      whois;
  std::function<WallTime()> now = std::chrono::system_clock::now;
};

Askers askers_of(clients::Dns& dns, clients::Http& http, clients::Whois& whois);

// What a question brought. No value: nobody could tell, and `problem` says why.
template <class T>
struct Brought {
  std::optional<T> value;
  std::string problem;
  bool was_asked = true;
};

class Questions {
 public:
  explicit Questions(Askers askers);

  WallTime now() const { return askers_.now(); }

  // Why nobody would be asked now; empty: somebody would be.
  std::string cymru_obstacle(const RegistryPlan& plan) const;
  std::string network_obstacle(Rir rir, const RegistryPlan& plan) const;

  // Whether one may be asked about something that is only old. Rir::none: Team Cymru, or whoever
  // turns out to be the one to ask.
  bool take_turn(Rir rir, const RegistryPlan& plan);

  // Each waits for its turn no longer than twice [registry] query_time, and not at all where it is
  // not waited for: then it was not asked. absent: the addresses are not announced, the system has
  // no name.
  loop::Task<Brought<Fact<Origin>>> ask_origin(base::Address address, PlanPtr plan,
                                               bool is_waited_for);
  loop::Task<Brought<Fact<std::string>>> ask_as_name(std::uint32_t number, PlanPtr plan,
                                                     bool is_waited_for);

  // Of RDAP, and when that cannot tell and it is waited for, of WHOIS.
  loop::Task<Brought<NetworkWord>> ask_network(base::Address address, Rir rir, PlanPtr plan,
                                               bool is_waited_for);

 private:
  // How many questions to one of them are under way, and wait: a cell of 256 networks must come
  // through, and all of them together must find room in clients::Http and clients::Whois.
  static constexpr std::size_t most_asked = 32, most_asked_roughly = 10, most_waiting = 256;
  static constexpr std::size_t most_asked_cymru = 128, most_waiting_cymru = 1024;

  struct Registry {
    Breaker rdap, whois;
    Bucket bucket;
    Gate rdap_gate{most_asked, most_waiting}, whois_gate{most_asked_roughly, most_waiting};
  };
  Registry& of(Rir rir) { return registries_[static_cast<std::size_t>(rir)]; }
  const Registry& of(Rir rir) const { return registries_[static_cast<std::size_t>(rir)]; }

  template <class T, class Parse>
  loop::Task<Brought<Fact<T>>> ask_cymru(std::string name, PlanPtr plan, bool is_waited_for,
                                         Parse parse);
  loop::Task<Brought<NetworkWord>> ask_rdap(base::Address address, Rir rir, PlanPtr plan,
                                            bool is_waited_for);
  loop::Task<Brought<NetworkWord>> ask_whois(base::Address address, Rir rir, PlanPtr plan);

  const Askers askers_;
  Breaker cymru_{"Team Cymru"};
  Gate cymru_gate_{most_asked_cymru, most_waiting_cymru};
  std::array<Registry, rir_count> registries_;
};

}  // namespace facts
