// Short texts of which millions are alike, each kept once.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace facts {

class Texts {
 public:
  static constexpr std::size_t longest = 255;

  // Where it is kept; nullopt: it is too long, or there are 4 GB.
  std::optional<std::uint32_t> add(std::string_view text) {
    if (text.size() > longest || all_.size() > most) return std::nullopt;
    if (slots_.size() < 2 * (count_ + 1)) grow();
    std::uint32_t& slot = find(text);
    if (slot == free) {
      slot = static_cast<std::uint32_t>(all_.size());
      all_ += static_cast<char>(text.size());
      all_ += text;
      count_++;
    }
    return slot;
  }

  std::string_view at(std::uint32_t place) const {
    return std::string_view(all_).substr(place + 1, static_cast<unsigned char>(all_[place]));
  }

  // After the last add().
  void shrink() {
    std::vector<std::uint32_t>().swap(slots_);
    std::string(all_).swap(all_);
  }

 private:
  static constexpr std::uint32_t free = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t most = free - 2 * longest;

  // The slot that has it, or the free one for it: open addressing.
  std::uint32_t& find(std::string_view text) {
    auto at = std::hash<std::string_view>()(text) % slots_.size();
    while (slots_[at] != free && this->at(slots_[at]) != text) at = (at + 1) % slots_.size();
    return slots_[at];
  }

  void grow() {
    std::vector<std::uint32_t> old(std::max<std::size_t>(1024, 2 * slots_.size()), free);
    old.swap(slots_);
    for (const auto place : old)
      if (place != free) find(at(place)) = place;
  }

  std::string all_;                   // length, bytes, length, bytes, ...
  std::vector<std::uint32_t> slots_;  // where in all_; only while texts are added
  std::size_t count_ = 0;
};

}  // namespace facts
