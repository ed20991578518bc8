// See networks.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/networks.h"

#include <arpa/inet.h>
#include <algorithm>
#include <cstring>

namespace rules {
namespace {

constexpr std::size_t first_byte_of_v4 = 12;
constexpr std::size_t sample_distance = 64;

template <std::size_t n>
std::array<std::uint32_t, n> words(const base::Address& address, std::size_t first_byte = 0) {
  std::array<std::uint32_t, n> words;
  std::memcpy(words.data(), address.bytes.data() + first_byte, sizeof words);
  for (auto& word : words) word = ntohl(word);
  return words;
}

// shrink_to_fit() does nothing in libstdc++ without exceptions.
template <class Rows>
void shrink(Rows& rows) {
  Rows(rows.begin(), rows.end()).swap(rows);
}

}  // namespace

template <std::size_t n>
void Networks::Table<n>::add(const Words<n>& start, int prefix, RuleId id) {
  base::check(rows.size() < most, "not too many networks");
  rows.push_back({start, id, static_cast<std::uint32_t>(prefix) & 127, none});
}

// From this row outwards, the first one that contains the address.
template <std::size_t n>
std::uint32_t Networks::Table<n>::around(std::uint32_t at, const Words<n>& address) const {
  const auto contains = [&](const Row<n>& row) {
    int bits = row.prefix;
    for (std::size_t i = 0; i < n && bits > 0; i++, bits -= 32)
      if ((row.start[i] ^ address[i]) >> std::max(32 - bits, 0) != 0) return false;
    return true;
  };
  while (at != none && !contains(rows[at])) at = rows[at].around;
  return at;
}

// Larger networks before those in them, and of equal ones the first rule last: it is the innermost.
template <std::size_t n>
void Networks::Table<n>::build() {
  std::sort(rows.begin(), rows.end(), [](const Row<n>& a, const Row<n>& b) {
    if (a.start != b.start) return a.start < b.start;
    return a.prefix != b.prefix ? a.prefix < b.prefix : a.id > b.id;
  });
  for (std::uint32_t i = 1; i < rows.size(); i++)
    rows[i].around = around(i - 1, rows[i].start) & none;
  for (std::size_t i = 0; i < rows.size(); i += sample_distance) samples.push_back(rows[i].start);
  shrink(rows);
  shrink(samples);
}

// The last row that begins at the address or before.
template <std::size_t n>
std::uint32_t Networks::Table<n>::last_before(const Words<n>& address) const {
  const auto sample = std::upper_bound(samples.begin(), samples.end(), address);
  if (sample == samples.begin()) return none;
  const auto behind = static_cast<std::size_t>(sample - samples.begin()) * sample_distance;
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(behind - sample_distance);
  const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(behind, rows.size()));
  const auto after = std::upper_bound(
      first, last, address,
      [](const Words<n>& wanted, const Row<n>& row) { return wanted < row.start; });
  return static_cast<std::uint32_t>(after - rows.begin() - 1);
}

template <std::size_t n>
std::optional<RuleId> Networks::Table<n>::find(const Words<n>& address, const Live& live) const {
  for (auto at = around(last_before(address), address); at != none; at = rows[at].around)
    if (live(rows[at].id)) return rows[at].id;
  return std::nullopt;
}

void Networks::add(const base::Network& network, RuleId id) {
  const auto& [address, prefix] = network;
  if (address.is_v4()) {
    base::check(prefix >= 96, "an IPv4 network is one");
    v4_.add(words<1>(address, first_byte_of_v4), prefix - 96, id);
  } else if (prefix <= 64) {
    v6_.add(words<2>(address), prefix, id);
  } else if (prefix < 128) {
    v6_long_.add(words<4>(address), prefix, id);
  } else {
    hosts_.push_back({words<4>(address), id});
  }
}

void Networks::build() {
  v4_.build();
  v6_.build();
  v6_long_.build();
  std::sort(hosts_.begin(), hosts_.end());
  shrink(hosts_);
}

std::optional<RuleId> Networks::find_host(const Words<4>& address, const Live& live) const {
  auto host = std::lower_bound(hosts_.begin(), hosts_.end(), Host{address, 0});
  for (; host != hosts_.end() && host->address == address; ++host)
    if (live(host->id)) return host->id;
  return std::nullopt;
}

std::optional<RuleId> Networks::find(const base::Address& address, const Live& live) const {
  if (address.is_v4()) return v4_.find(words<1>(address, first_byte_of_v4), live);
  if (const auto id = find_host(words<4>(address), live)) return id;
  if (const auto id = v6_long_.find(words<4>(address), live)) return id;
  return v6_.find(words<2>(address), live);
}

std::size_t Networks::bytes() const {
  const auto of = [](const auto& rows) { return rows.capacity() * sizeof rows[0]; };
  const auto of_table = [&](const auto& table) { return of(table.rows) + of(table.samples); };
  return of_table(v4_) + of_table(v6_) + of_table(v6_long_) + of(hosts_);
}

}  // namespace rules
