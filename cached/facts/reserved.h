// Address ranges that are special by themselves, as Python's ipaddress (3.12.4 and later) and
// ipwhois name them, because the predecessors' logs and lists do.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string_view>

#include "cached/base/ip.h"

namespace facts {

// Not globally reachable by the IANA special-purpose registries. 100.64.0.0/10 is not private.
bool is_private(const base::Address& address);

// "Private-Use Networks", "Loopback", ...; empty: not reserved.
std::string_view reserved_name(const base::Address& address);

// The IPv4 client behind a 6to4 (RFC 3056), Teredo (RFC 4380, the obfuscated client) or NAT64
// (RFC 6052, well-known prefix) address.
std::optional<base::Address> embedded_v4(const base::Address& address);

}  // namespace facts
