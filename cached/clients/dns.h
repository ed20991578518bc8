// Questions to the Domain Name System, by c-ares on the loop. Every question ends by itself within
// the configured time.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cached/base/ip.h"
#include "cached/config/options.h"
#include "cached/loop/task.h"

namespace clients {

using DnsOptions = decltype(config::Options::dns);

// nothing: the name does not exist or has no such record. failed: could not find out.
struct DnsAnswer {
  enum class Outcome { found, nothing, failed } outcome = Outcome::failed;
  std::vector<std::string> values;  // names without the final dot, addresses as text, or texts
  std::chrono::seconds ttl{0};      // the smallest; of `nothing` the SOA's (RFC 2308)
  std::string problem;              // of `failed`
};

class Dns {
 public:
  Dns(uv_loop_t* loop, const DnsOptions& options);
  ~Dns();

  loop::Task<DnsAnswer> pointers(base::Address address);               // PTR
  loop::Task<DnsAnswer> addresses(std::string name, bool v6 = false);  // A, AAAA
  loop::Task<DnsAnswer> texts(std::string name);                       // TXT, its strings joined

 private:
  struct Channel;
  std::unique_ptr<Channel> channel_;
};

}  // namespace clients
