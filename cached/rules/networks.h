// Very many networks, IPv4 and IPv6, never mixed: which is the longest one around an address?
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cached/base/ip.h"
#include "cached/rules/rule.h"

namespace rules {

// Sorted rows, each of which knows the row around it: a binary search finds the last network that
// begins at the address or before, and the longest one around the address is that or around that.
class Networks {
 public:
  static constexpr std::uint32_t most = (1U << 25) - 1;  // networks; more are a broken invariant

  void add(const base::Network& network, RuleId id);
  void build();  // once, after the last add() and before the first find()

  // The live rule of the longest network around the address; of one network that was added more
  // than once, the first live rule.
  std::optional<RuleId> find(const base::Address& address, const Live& live) const;

  // In memory after build(), rounded: 12 for an IPv4 network, 16 for an IPv6 network up to /64, 20
  // for an IPv6 address, 24 for what is between.
  std::size_t bytes() const;

 private:
  template <std::size_t n>
  using Words = std::array<std::uint32_t, n>;  // of an address, the first ones

  static constexpr std::uint32_t none = most;  // no row has this number

  template <std::size_t n>
  struct Row {
    Words<n> start;
    RuleId id;
    std::uint32_t prefix : 7;   // of the words
    std::uint32_t around : 25;  // the row of the next larger network, or of this one added later
  };

  template <std::size_t n>
  struct Table {
    std::vector<Row<n>> rows;
    std::vector<Words<n>> samples;  // the start of every 64th row: these stay in the CPU's cache

    void add(const Words<n>& start, int prefix, RuleId id);
    void build();
    std::uint32_t last_before(const Words<n>& address) const;
    std::uint32_t around(std::uint32_t at, const Words<n>& address) const;
    std::optional<RuleId> find(const Words<n>& address, const Live& live) const;
  };

  struct Host {
    Words<4> address;
    RuleId id;
    auto operator<=>(const Host&) const = default;
  };
  std::optional<RuleId> find_host(const Words<4>& address, const Live& live) const;

  Table<1> v4_;
  Table<2> v6_;              // up to /64, as nearly all are
  Table<4> v6_long_;         // /65 to /127
  std::vector<Host> hosts_;  // IPv6, /128
};

}  // namespace rules
