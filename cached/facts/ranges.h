// Very many ranges of addresses, each with a small value; of several around an address the smallest
// one counts. Nested ones are laid flat when all are there: a lookup is one binary search.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <queue>
#include <vector>

#include "cached/base/ip.h"

namespace facts {

// Key: an unsigned integer; Value: one too, whose largest number is not used.
template <class Key, class Value>
class Ranges {
 public:
  void add(Key first, Key last, Value value) { added_.push_back({first, last, value}); }

  // Once, after the last add() and before the first find(). Of equal ranges the smaller value.
  void build() {
    ranges_ = added_.size();
    std::sort(added_.begin(), added_.end(), [](auto& a, auto& b) { return a.first < b.first; });
    const auto is_larger = [](const Range& a, const Range& b) {
      const Key size_of_a = a.last - a.first, size_of_b = b.last - b.first;
      return size_of_a != size_of_b ? size_of_a > size_of_b : a.value > b.value;
    };
    std::priority_queue<Range, std::vector<Range>, decltype(is_larger)> around(is_larger);
    Key at = 0;
    auto next = added_.begin();
    while (next != added_.end() || !around.empty()) {
      if (around.empty()) at = next->first;
      for (; next != added_.end() && next->first == at; ++next) around.push(*next);
      while (!around.empty() && around.top().last < at) around.pop();
      begin_segment(at, around.empty() ? nobody : around.top().value);
      if (around.empty()) continue;
      const Key last = around.top().last;
      if (next == added_.end() && last == std::numeric_limits<Key>::max()) break;
      at = next != added_.end() && next->first <= last ? next->first : last + 1;
    }
    std::vector<Range>().swap(added_);
    // shrink_to_fit() does nothing in libstdc++ without exceptions.
    std::vector<Key>(starts_.begin(), starts_.end()).swap(starts_);
    std::vector<Value>(values_.begin(), values_.end()).swap(values_);
  }

  std::optional<Value> find(Key key) const {
    const auto behind = std::upper_bound(starts_.begin(), starts_.end(), key);
    if (behind == starts_.begin()) return std::nullopt;
    const Value value = values_[static_cast<std::size_t>(behind - starts_.begin()) - 1];
    return value == nobody ? std::nullopt : std::optional<Value>(value);
  }

  std::size_t size() const { return ranges_; }             // as they were added
  std::size_t segments() const { return starts_.size(); }  // gaps are some, too

 private:
  struct Range {
    Key first, last;
    Value value;
  };
  static constexpr Value nobody = std::numeric_limits<Value>::max();

  void begin_segment(Key at, Value value) {
    if (value == (values_.empty() ? nobody : values_.back())) return;
    starts_.push_back(at);
    values_.push_back(value);
  }

  std::size_t ranges_ = 0;
  std::vector<Range> added_;
  std::vector<Key> starts_;  // a segment ends where the next one begins
  std::vector<Value> values_;
};

using V4Key = std::uint32_t;
using V6Key = unsigned __int128;

inline V6Key v6_key(const base::Address& address) {
  V6Key key = 0;
  for (const unsigned char byte : address.bytes) key = key << 8 | byte;
  return key;
}

inline V4Key v4_key(const base::Address& address) { return static_cast<V4Key>(v6_key(address)); }

// Of both families, which never mix.
template <class Value>
class AddressRanges {
 public:
  void add(const base::Network& network, Value value) {
    const int host_bits = 128 - network.prefix;
    const V6Key hosts = host_bits == 128 ? ~V6Key{0} : (V6Key{1} << host_bits) - 1;
    const V6Key first = v6_key(network.address) & ~hosts;
    if (network.address.is_v4() && network.prefix >= 96)
      add_v4(static_cast<V4Key>(first), static_cast<V4Key>(first | hosts), value);
    else
      v6_.add(first, first | hosts, value);
  }
  void add_v4(V4Key first, V4Key last, Value value) { v4_.add(first, last, value); }
  void build() {
    v4_.build();
    v6_.build();
  }
  std::optional<Value> find(const base::Address& address) const {
    return address.is_v4() ? v4_.find(v4_key(address)) : v6_.find(v6_key(address));
  }
  std::size_t size() const { return v4_.size() + v6_.size(); }
  std::size_t segments() const { return v4_.segments() + v6_.segments(); }

 private:
  Ranges<V4Key, Value> v4_;
  Ranges<V6Key, Value> v6_;
};

}  // namespace facts
