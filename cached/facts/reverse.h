// The names of an address (PTR), and whether they lead back to it. Both are asked for by DNS and
// remembered for as long as the answer says, but 1 minute at least and 1 hour at most.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/ip.h"
#include "cached/clients/dns.h"
#include "cached/facts/facts.h"
#include "cached/facts/memory.h"
#include "cached/loop/task.h"

namespace facts {

// A host name as it may stand in a log: letters, digits, - and _ between the dots, of the lengths
// DNS allows (RFC 1035, 2.3.4).
bool is_plain_host_name(std::string_view name);

class Reverse {
 public:
  using Names = Fact<std::vector<std::string>>;

  // `limit`: how many addresses are remembered. Nobody may be waiting when it goes: Dns::stop().
  Reverse(clients::Dns& dns, std::size_t limit, const Lifetimes& lifetimes = {});

  // The first 5 plain host names, in the server's order and spelling. absent: there are none.
  // unknown: no server could tell.
  loop::Task<Seen<Names>> find_names(base::Address address);

  // Asks for the names first. Always known: `none` without names; `temporary_error` when the names
  // are not known, or one of them could not be looked up and no other leads back.
  loop::Task<Seen<Fact<Confirmed>>> find_confirmed(base::Address address);

  // What they would tell at once, without a coroutine and without asking. nullopt: find_X() has to
  // be awaited.
  std::optional<Seen<Names>> recall_names(const base::Address& address) const;
  std::optional<Confirmed> recall_confirmed(const base::Address& address, const Names& names) const;

  void forget_all() {
    names_.clear();
    confirmed_.clear();
  }

 private:
  loop::Task<Told<Names>> ask_names(base::Address address);
  loop::Task<Told<Confirmed>> ask_confirmed(base::Address address, std::vector<std::string> names);

  clients::Dns& dns_;
  Memory<Names> names_;
  Memory<Confirmed> confirmed_;
};

}  // namespace facts
