// The facts of one login as they come in: what is known at once, and what the network is asked.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cached/clients/dns.h"
#include "cached/facts/dnsbl.h"
#include "cached/facts/reverse.h"
#include "cached/facts/sources.h"
#include "cached/loop/event.h"
#include "cached/loop/task.h"

namespace facts {

// Who can be asked; kept across reloads.
struct Network {
  Network(uv_loop_t* loop, const clients::DnsOptions& options)
      : dns(loop, options),
        reverse(dns, static_cast<std::size_t>(options.cache)),
        dnsbl(dns, static_cast<std::size_t>(options.cache)) {}
  ~Network() { dns.stop(); }  // who still waits goes on while all of it is there

  clients::Dns dns;
  Reverse reverse;
  Dnsbl dnsbl;
};

// Whether its reverse name is asked for: loopback and the like have none anywhere, but networks
// inside a site may have names in its own DNS.
bool may_have_name(const Facts& facts);

// Whether zones are asked about it, which know addresses of the Internet only.
bool is_from_outside(const Facts& facts);

class Inquiry : public std::enable_shared_from_this<Inquiry> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Inquiry(uv_loop_t* loop, Facts known) : loop_(loop), facts_(std::move(known)) {}

  const Facts& facts() const { return facts_; }

  // Starts asking everybody at once; later calls do nothing.
  void ask(Network& network, const std::vector<Zone>& zones);

  bool was_asked() const { return asked_; }
  std::vector<std::string> pending() const;  // host, fcrdns, dnsbl: what nobody has told yet

  // Both return at the deadline at the latest, and at once when nothing is pending.
  loop::Task<void> wait_for_more(Time deadline);  // until somebody has told something
  loop::Task<void> wait_for_all(Time deadline);

  // As facts(), but what is pending is unknown: when the time is over.
  Facts settled() const;

 private:
  using Self = std::shared_ptr<Inquiry>;  // outlives the one who asked
  static loop::Task<void> find_names(Self self, Network& network);
  static loop::Task<void> find_confirmed(Self self, Network& network);
  static loop::Task<void> find_listing(Self self, Network& network, Zone zone, std::size_t row);
  void tell();  // those who wait: something has come in

  uv_loop_t* const loop_;
  Facts facts_;
  bool asked_ = false;
  std::shared_ptr<loop::Event> more_ = std::make_shared<loop::Event>();  // the next to come in
};

}  // namespace facts
