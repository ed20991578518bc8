// What a DNS server's answer says. The answer is whatever came from the network.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace clients {

// nothing: the name does not exist or has no such record. failed: could not find out.
struct DnsAnswer {
  enum class Outcome { found, nothing, failed } outcome = Outcome::failed;
  // Names without the final dot, their special bytes escaped (RFC 1035, 5.1); addresses as text; or
  // texts, of any bytes. 256 at most.
  std::vector<std::string> values;
  std::chrono::seconds ttl{0};  // the smallest; of `nothing` the SOA's (RFC 2308, 5), 0: has none
  std::string problem;          // of `failed`; never shows the name that was asked for
  bool was_asked = true;        // false: failed before any server was, which says nothing of it
};

// The records of that type (ns_t_ptr, ns_t_a, ns_t_aaaa or ns_t_txt) which the message has for the
// name in its question, or for what its CNAMEs lead to.
DnsAnswer parse_dns_answer(std::span<const unsigned char> message, int type);

}  // namespace clients
