// Fuzz target: what a DNS server answers. Whatever it is, it is found, nothing or failed, and what
// is found is bounded.
// SPDX-License-Identifier: MIT

#include "cached/clients/dns_answer.h"

#include <arpa/nameser.h>
#include <cstdint>

#include "cached/base/check.h"
#include "cached/base/ip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Outcome = clients::DnsAnswer::Outcome;
  for (const int type : {ns_t_ptr, ns_t_a, ns_t_aaaa, ns_t_txt}) {
    const auto answer = clients::parse_dns_answer({data, size}, type);
    base::check((answer.outcome == Outcome::found) == !answer.values.empty(), "found is a value");
    base::check((answer.outcome == Outcome::failed) == !answer.problem.empty(), "failed says why");
    base::check(answer.values.size() <= 256, "not too many values");
    base::check(answer.ttl.count() >= 0 && answer.ttl.count() <= INT32_MAX, "a TTL of RFC 2181");
    for (const auto& value : answer.values) {
      if (type == ns_t_a || type == ns_t_aaaa)
        base::check(base::parse_address(value).has_value(), "an address");
      if (type == ns_t_ptr)
        for (const char c : value) base::check(c > ' ' && c < 0x7f, "a name is printable");
    }
  }
  return 0;
}
