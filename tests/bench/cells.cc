// What it costs to remember what the registries said: time of a lookup that finds what it looks
// for, as a login makes it, and memory of a cell. One line of figures for each number of cells, and
// for networks that many cells share or that each has of its own.
// SPDX-License-Identifier: MIT

#include <malloc.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "cached/base/text.h"
#include "cached/facts/matters.h"

namespace {

using namespace facts;
using Clock = std::chrono::steady_clock;

std::mt19937_64 engine(1);

std::size_t below(std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine);
}

base::Address address_in(std::size_t cell) {
  base::Address address = *base::parse_address("1.0.0.0");
  address.bytes[12] = static_cast<unsigned char>(1 + (cell >> 16));
  address.bytes[13] = static_cast<unsigned char>(cell >> 8);
  address.bytes[14] = static_cast<unsigned char>(cell);
  address.bytes[15] = static_cast<unsigned char>(below(256));
  return address;
}

// The network and origin of the cell: the same ones for so many cells in a row.
void remember(Knowledge& known, std::size_t cell, std::size_t shared, WallTime now) {
  const std::size_t first = cell / shared * shared;
  const CellId id(address_in(cell));
  NetworkWord word;
  word.network.first = CellId(address_in(first)).range.first;
  word.network.last = CellId(address_in(first + shared - 1)).range.last;
  word.network.name = Fact<std::string>(base::cat("EXAMPLE-NETWORK-", first));
  word.network.country = Fact<std::string>("DE");
  word.network.entities =
      Fact<std::vector<std::string>>({base::cat("ORG-", first, "-RIPE"), "EXAMPLE-MNT"});
  word.from = "rdap.db.ripe.net";
  known.cells.keep(id, Dated<NetworkWord>{std::move(word), now});
  Origin origin{
      {static_cast<std::uint32_t>(first % 60'000)}, {id.range.first, 120}, "DE", "ripencc"};
  origin.prefix = *base::parse_network(base::cat(base::text_of(id.range.first), "/24"));
  known.cells.keep(id, Dated<Fact<Origin>>{Fact<Origin>(std::move(origin)), now});
}

double nanoseconds(Clock::time_point begin, std::size_t count) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() /
         static_cast<double>(count);
}

void measure(std::size_t cells, std::size_t shared) {
  const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  Knowledge known({}, nullptr, 1'000'000);
  const std::size_t table = mallinfo2().uordblks + mallinfo2().hblkhd - before;
  const WallTime now = known.now();
  for (std::size_t cell = 0; cell < cells; cell++) remember(known, cell, shared, now);
  const std::size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before - table;

  RegistryPlan plan;
  plan.network = plan.origin = {std::chrono::hours(24), std::chrono::hours(48)};
  const auto by = std::make_shared<const RegistryPlan>(plan);
  constexpr std::size_t lookups = 500'000;
  std::vector<base::Address> clients;
  for (std::size_t i = 0; i < lookups; i++) clients.push_back(address_in(below(cells)));
  std::size_t found = 0;
  const auto begin = Clock::now();
  for (const auto& client : clients) {
    const CellId id(client);
    const NetworkMatter network{{&known, by}, client, id, Rir::ripencc};
    const OriginMatter origin{{&known, by}, client, id};
    found += network.look().value.find() && origin.look().value.find();
  }
  const double time = nanoseconds(begin, lookups);
  std::printf(
      "cells cells=%zu shared_by=%zu lookup_ns=%.0f per_second=%.0f found=%.2f "
      "bytes_a_cell=%.0f table_mb=%.1f\n",
      cells, shared, time, 1e9 / time, static_cast<double>(found) / lookups,
      static_cast<double>(bytes) / static_cast<double>(cells), static_cast<double>(table) / 1e6);
}

}  // namespace

int main() {
  for (const std::size_t shared : {16, 1})
    for (const std::size_t cells : {1'000, 100'000, 1'000'000}) measure(cells, shared);
}
