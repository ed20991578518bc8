// Questions to the Domain Name System, by c-ares on the loop. Every question ends by itself within
// the configured time.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <memory>
#include <string>

#include "cached/base/ip.h"
#include "cached/base/result.h"
#include "cached/clients/dns_answer.h"
#include "cached/config/options.h"
#include "cached/loop/task.h"

namespace clients {

using DnsOptions = decltype(config::Options::dns);

// An error names the server that is not written as one.
base::Status check_dns(const DnsOptions& options);

// `4.3.2.1`, or the 32 nibbles of an IPv6 address: as they stand in front of in-addr.arpa, ip6.arpa
// (RFC 3596, 2.5) and the name of a DNS list (RFC 5782, 2.1 and 2.4).
std::string reversed_labels(const base::Address& address);

class Dns {
 public:
  // Options that check_dns refuses: every question fails.
  Dns(uv_loop_t* loop, const DnsOptions& options);
  ~Dns();  // ends every question, as stop() does

  loop::Task<DnsAnswer> pointers(base::Address address);               // PTR
  loop::Task<DnsAnswer> addresses(std::string name, bool v6 = false);  // A, AAAA
  loop::Task<DnsAnswer> texts(std::string name);                       // TXT, its strings joined

  // Every question fails, at once: those that are being asked, and those still to come.
  void stop();

  // Beyond so many at the same time a question fails at once.
  static constexpr std::size_t most_questions = 10'000;
  std::size_t questions() const;  // that are being asked

 private:
  struct Question;
  struct State;
  loop::Task<DnsAnswer> ask(std::string name, int type);

  const std::unique_ptr<State> state_;
};

}  // namespace clients
