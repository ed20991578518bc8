// See network.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/network.h"

namespace facts {

Network::Network(uv_loop_t* loop, const config::Options& options,
                 std::shared_ptr<clients::Redis> redis)
    : dns(loop, options.dns),
      http(loop),
      whois(loop),
      shelf(make_shelf(loop, options, std::move(redis))),
      reverse(dns, static_cast<std::size_t>(options.dns.cache)),
      dnsbl(dns, static_cast<std::size_t>(options.dns.cache)),
      registry(loop, askers_of(dns, http, whois), shelf.get(),
               static_cast<std::size_t>(options.registry.cells)) {}

void Network::stop() {
  dns.stop();
  http.stop();
  whois.stop();
  if (shelf) shelf->stop();
}

}  // namespace facts
