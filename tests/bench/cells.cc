// What it costs to remember what the registries said: time of the three questions of a login (the
// origin of its address, its network, the name of its system) when all are remembered, and memory
// of a cell. One line of figures for each number of cells, and for networks that 16 cells share or
// that each has of its own.
// SPDX-License-Identifier: MIT

#include <malloc.h>
#include <chrono>
#include <cstdio>
#include <random>

#include "cached/base/text.h"
#include "cached/facts/registry.h"

namespace {

using namespace facts;
using base::cat;
using Clock = std::chrono::steady_clock;

std::mt19937_64 engine(1);

std::size_t below(std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine);
}

base::Address address_in(std::size_t cell, std::size_t host) {
  base::Address address = *base::parse_address("1.0.0.0");
  address.bytes[12] = static_cast<unsigned char>(1 + (cell >> 16));
  address.bytes[13] = static_cast<unsigned char>(cell >> 8);
  address.bytes[14] = static_cast<unsigned char>(cell);
  address.bytes[15] = static_cast<unsigned char>(host);
  return address;
}

// The world: so many cells in a row have one network, which is announced by one system.
struct World {
  std::size_t shared = 1, cell = 0;  // the one that is being asked about

  Askers askers() {
    Askers all;
    all.get = [this](clients::HttpRequest) { return tell_network(); };
    all.texts = [this](std::string name) { return tell_text(name); };
    return all;
  }
  loop::Task<clients::HttpAnswer> tell_network() {
    const std::size_t first = cell / shared * shared;
    clients::HttpAnswer answer;
    answer.status = 200;
    answer.host = "rdap.db.ripe.net";
    answer.body = cat(
        R"({"handle":"H","ipVersion":"v4","startAddress":")", base::text_of(address_in(first, 0)),
        R"(","endAddress":")", base::text_of(address_in(first + shared - 1, 255)),
        R"(","name":"EXAMPLE-NETWORK-)", first, R"(","country":"DE","entities":[{"handle":"ORG-)",
        first, R"(-RIPE"},{"handle":"EXAMPLE-MNT"}]})");
    co_return answer;
  }
  loop::Task<clients::DnsAnswer> tell_text(std::string name) {
    const std::size_t first = cell / shared * shared;
    std::string text = name.starts_with("AS")
                           ? "1 | DE | ripencc | | EXAMPLE-AS Example Networks, DE"
                           : cat(first % 60'000 + 1, " | ", base::text_of(address_in(first, 0)),
                                 shared == 1 ? "/24" : "/20", " | DE | ripencc |");
    co_return clients::DnsAnswer{clients::DnsAnswer::Outcome::found, {std::move(text)}, {}, {}};
  }
};

// Nobody waits here: the answers are there at once.
loop::Task<void> find(Registry& registry, base::Address address, PlanPtr plan, std::size_t& found) {
  const auto origin = co_await registry.find_origin(address, plan);
  const Rir rir = Rir::ripencc;
  const auto network = co_await registry.find_network(address, rir, plan);
  if (!origin.value.find() || !network.value.find()) co_return;
  const std::uint32_t number = origin.value.find()->as_numbers.front();
  const auto name = co_await registry.find_as_name(number, plan);
  found += name.value.find() != nullptr;
}

std::size_t bytes_used() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

void measure(std::size_t cells, std::size_t shared) {
  RegistryPlan plan;
  plan.rdap[static_cast<std::size_t>(Rir::ripencc)] = "https://rdap.db.ripe.net";
  plan.network = plan.origin = plan.as_name = {std::chrono::hours(24), std::chrono::hours(48)};
  const auto by = std::make_shared<const RegistryPlan>(plan);
  World world;
  world.shared = shared;
  Registry registry(uv_default_loop(), world.askers(), nullptr, 1'000'000);
  const std::size_t before = bytes_used();
  std::size_t found = 0;
  for (world.cell = 0; world.cell < cells; world.cell++)
    loop::spawn(find(registry, address_in(world.cell, 1), by, found));
  const auto bytes = static_cast<double>(bytes_used() - before);

  constexpr std::size_t lookups = 500'000;
  std::vector<base::Address> clients;
  for (std::size_t i = 0; i < lookups; i++) clients.push_back(address_in(below(cells), below(256)));
  found = 0;
  const auto begin = Clock::now();
  for (const auto& client : clients) loop::spawn(find(registry, client, by, found));
  const double time = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
  std::printf(
      "cells cells=%zu shared_by=%zu login_ns=%.0f logins_per_second=%.0f found=%.2f "
      "bytes_a_cell=%.0f\n",
      cells, shared, time / lookups, lookups / time * 1e9, static_cast<double>(found) / lookups,
      bytes / static_cast<double>(cells));
}

}  // namespace

int main() {
  for (const std::size_t shared : {16, 1})
    for (const std::size_t cells : {1'000, 100'000, 1'000'000}) measure(cells, shared);
}
