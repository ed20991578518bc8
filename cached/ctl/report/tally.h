// Counts of very many things in bounded memory: when there are too many, those that were counted
// least often are forgotten, and how many that were is told.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ctl::report {

// Row has a `count`, 0 at first.
template <class Row>
class Tally {
 public:
  explicit Tally(std::size_t most) : most_(most) {}

  // Good until the next call.
  Row& operator[](std::string_view key) {
    if (const auto found = rows_.find(key); found != rows_.end()) return found->second;
    if (rows_.size() >= most_) forget_half();
    return rows_.emplace(std::string(key), Row()).first->second;
  }

  const Row* find(std::string_view key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }

  std::size_t size() const { return rows_.size(); }
  std::size_t forgotten() const { return forgotten_; }  // keys; one that came again counts again

  using Entry = std::pair<std::string_view, const Row*>;
  // The most frequent first, equal ones by their keys, and before all of them those of which `goes
  // before` says so; views into this.
  template <class GoesBefore>
  std::vector<Entry> sorted(GoesBefore goes_before) const {
    std::vector<Entry> entries;
    entries.reserve(rows_.size());
    for (const auto& [key, row] : rows_) entries.push_back({key, &row});
    std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
      const bool before[] = {goes_before(*a.second), goes_before(*b.second)};
      if (before[0] != before[1]) return before[0];
      return a.second->count != b.second->count ? a.second->count > b.second->count
                                                : a.first < b.first;
    });
    return entries;
  }
  std::vector<Entry> sorted() const {
    return sorted([](const Row&) { return false; });
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void forget_half() {
    std::vector<std::uint64_t> counts;
    counts.reserve(rows_.size());
    for (const auto& [key, row] : rows_) counts.push_back(row.count);
    const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
    std::nth_element(counts.begin(), middle, counts.end());
    const auto before = rows_.size();
    for (auto at = rows_.begin(); at != rows_.end();)
      at = at->second.count <= *middle && 2 * (before - rows_.size()) <= before ? rows_.erase(at)
                                                                                : std::next(at);
    forgotten_ += before - rows_.size();
  }

  const std::size_t most_;
  std::unordered_map<std::string, Row, Hash, std::equal_to<>> rows_;
  std::size_t forgotten_ = 0;
};

}  // namespace ctl::report
