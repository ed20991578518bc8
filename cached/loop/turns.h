// Whose turn is it, where several parties want the same: a lower rank goes before a higher one;
// within a rank the parties take turns, however many things each of them wants; the things of one
// party come in the order they were asked for. (Start-time fair queueing: Goyal, Vin, Cheng,
// SIGCOMM 1996, with things of equal size.)
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

namespace loop {

struct Turn {
  int rank = 0;
  std::uint64_t party = 0;
};

template <class T>
class Turns {
 public:
  bool empty() const { return ranks_.empty(); }
  std::size_t size() const { return size_; }

  void push(const Turn& turn, T thing) {
    Rank& rank = ranks_[turn.rank];
    Party& party = rank.parties[turn.party];
    const std::uint64_t start = std::max(rank.now, party.next_start);
    party.next_start = start + 1;
    party.waiting++;
    rank.waiting.emplace(std::pair(start, arrivals_++), Entry{turn.party, std::move(thing)});
    size_++;
  }

  // The next one; there must be one.
  const T& front() const { return ranks_.begin()->second.waiting.begin()->second.thing; }

  T pop() {
    const auto first = ranks_.begin();
    Rank& rank = first->second;
    auto entry = rank.waiting.extract(rank.waiting.begin());
    rank.now = entry.key().first;
    leave(rank.parties, entry.mapped().party);
    T thing = std::move(entry.mapped().thing);
    if (rank.waiting.empty()) ranks_.erase(first);
    size_--;
    return thing;
  }

  // Takes out those that `is_over` says, in no order, and hands them to `take`.
  template <class IsOver, class Take>
  void remove(IsOver is_over, Take take) {
    for (auto rank = ranks_.begin(); rank != ranks_.end();) {
      auto& [now, parties, waiting] = rank->second;
      for (auto next = waiting.begin(); next != waiting.end();) {
        const auto entry = next++;
        if (!is_over(entry->second.thing)) continue;
        take(entry->second.thing);
        leave(parties, entry->second.party);
        waiting.erase(entry);
        size_--;
      }
      rank = waiting.empty() ? ranks_.erase(rank) : std::next(rank);
    }
  }

 private:
  struct Entry {
    std::uint64_t party;
    T thing;
  };
  struct Party {
    std::uint64_t next_start = 0;
    std::size_t waiting = 0;
  };
  using Parties = std::unordered_map<std::uint64_t, Party>;
  struct Rank {
    std::uint64_t now = 0;  // the start of what was popped last
    Parties parties;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Entry> waiting;  // by start, then arrival
  };

  static void leave(Parties& parties, std::uint64_t number) {
    const auto party = parties.find(number);
    if (--party->second.waiting == 0) parties.erase(party);
  }

  std::map<int, Rank> ranks_;  // none without a waiting thing
  std::uint64_t arrivals_ = 0;
  std::size_t size_ = 0;
};

}  // namespace loop
