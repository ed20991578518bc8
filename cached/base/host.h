// A host as the configuration names it, with a port or without (RFC 3986, 3.2.2 and 3.2.3).
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cached/base/ip.h"

namespace base {

struct Host {
  std::string name;                // an IPv6 address without its brackets
  std::optional<Address> address;  // that it is
  std::uint16_t port = 0;          // 0: none is given
};

// HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. A name has at most 253 letters, digits, dots, hyphens and
// underscores (RFC 1035, 2.3.4, and what is in use). nullopt: it is none of these.
std::optional<Host> parse_host(std::string_view text);

}  // namespace base
