// Which keys may be in a file that only one process writes: a key that is not among them need not
// be looked for there. (A filter after Bloom, CACM 13/7, 1970.)
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace facts {

// Two bits of at least 16 a key: of the keys that are not in the file one in 70 is looked for. With
// more keys than were told it is more of them. Any thread may call anything.
class KeyFilter {
 public:
  explicit KeyFilter(std::size_t keys)
      : words_(std::bit_ceil(std::clamp<std::size_t>(keys, 64, most_keys)) * bits_a_key / 64) {}

  void add(std::string_view key) {
    for (const Bit bit : bits_of(key)) words_[bit.word].fetch_or(bit.mask, relaxed);
  }
  void complete() { is_complete_.store(true); }  // all keys of the file have been added

  bool may_have(std::string_view key) const {
    if (!is_complete_.load()) return true;
    const auto is_set = [&](Bit bit) { return words_[bit.word].load(relaxed) & bit.mask; };
    return std::ranges::all_of(bits_of(key), is_set);
  }

 private:
  static constexpr std::size_t bits_a_key = 16, most_keys = std::size_t{1} << 26;
  static constexpr auto relaxed = std::memory_order_relaxed;
  struct Bit {
    std::size_t word;
    std::uint64_t mask;
  };

  std::array<Bit, 2> bits_of(std::string_view key) const {
    const std::uint64_t hash = std::hash<std::string_view>()(key);
    const auto bit = [&](std::uint64_t half) {
      return Bit{half / 64 % words_.size(), std::uint64_t{1} << half % 64};
    };
    return {bit(hash & 0xffffffff), bit(hash >> 32)};
  }

  std::vector<std::atomic<std::uint64_t>> words_;
  std::atomic<bool> is_complete_{false};
};

}  // namespace facts
