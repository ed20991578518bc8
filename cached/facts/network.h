// Who can be asked about an address; kept across reloads.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <memory>

#include "cached/clients/dns.h"
#include "cached/clients/http.h"
#include "cached/clients/whois.h"
#include "cached/config/options.h"
#include "cached/facts/dnsbl.h"
#include "cached/facts/registry.h"
#include "cached/facts/reverse.h"
#include "cached/facts/shelf.h"

namespace facts {

struct Network {
  // `redis` may be null.
  Network(uv_loop_t* loop, const config::Options& options, std::shared_ptr<clients::Redis> redis);
  ~Network() { stop(); }  // who still waits goes on while all of it is there

  // Every question fails, at once: those that are being asked, and those still to come.
  void stop();

  clients::Dns dns;
  clients::Http http;
  clients::Whois whois;
  std::unique_ptr<Shelf> shelf;  // may be null
  Reverse reverse;
  Dnsbl dnsbl;
  Registry registry;
};

}  // namespace facts
