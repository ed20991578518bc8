// What a registry answers about an address by WHOIS, on port 43: less exact than RDAP, and it does
// not name the entities.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/base/ip.h"
#include "cached/facts/rdap.h"
#include "cached/facts/registries.h"

namespace facts {

// The line to be sent.
std::string whois_question(Rir rir, const base::Address& address);

struct WhoisAnswer {
  // nothing: it knows no network there. refused: it has been asked too often, or does not want to
  // be asked at all. unreadable: anything else.
  enum class Is { network, nothing, refused, unreadable } is = Is::unreadable;
  // The smallest one around the address. Its name and country are printable ASCII, the country in
  // upper case; its entities are unknown.
  RegisteredNetwork network;
};

// Of any of the five registries; of at most clients::Whois::most_bytes.
WhoisAnswer parse_whois(std::string_view text, const base::Address& address);

}  // namespace facts
