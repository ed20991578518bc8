// See cache.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/cache.h"

#include <optional>

#include "cached/base/text.h"
#include "cached/facts/reserved.h"

namespace auth {
namespace {

using base::cat;
using base::Error;
using base::Result;
using loop::Task;

std::optional<std::uint32_t> parse_system(std::string_view text) {
  if (!base::equals_ignoring_case(text.substr(0, 2), "AS")) return std::nullopt;
  return base::parse_number<std::uint32_t>(text.substr(2));
}

// Of 6to4 and the like the client behind it is asked about.
base::Address asked_about(const base::Address& address) {
  return facts::embedded_v4(address).value_or(address);
}

Error not_understood(std::string_view what) {
  return Error{cat(base::printable(what), " is not an address, nor an AS number such as AS3209")};
}

}  // namespace

Task<Result<std::string>> show_cache(Services& services, std::string what) {
  const auto system = parse_system(what);
  const auto address = base::parse_address(what);
  if (!system && !address) co_return not_understood(what);
  auto& registry = services.network.registry;
  auto showing = system ? registry.show_as_name(*system) : registry.show(asked_about(*address));
  std::string text = co_await showing;
  co_return text;
}

Task<Result<Flushed>> flush_cache(Services& services, std::string what) {
  const auto system = parse_system(what);
  const auto address = base::parse_address(what);
  auto& network = services.network;
  if (what == "all") {
    network.registry.flush_all();
    network.reverse.forget_all();
    network.dnsbl.forget_all();
  } else if (system) {
    network.registry.flush_as_name(*system);
  } else if (address) {
    network.registry.flush(asked_about(*address));
  } else {
    co_return not_understood(what);
  }
  Flushed flushed{true, "flushed\n"};
  if (network.shelf && network.shelf->is_away())
    flushed = {false, "flushed here, but Redis is away: what it keeps will come back\n"};
  co_return flushed;
}

}  // namespace auth
