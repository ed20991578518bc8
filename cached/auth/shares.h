// How much of something limited each party holds, so that none can hold it all.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace auth {

class Shares {
 public:
  explicit Shares(std::size_t limit) : limit_(limit) {}  // for each party

  // Held until it goes; must not outlive its Shares.
  class Part {
   public:
    Part(Shares& shares, std::string party) : shares_(&shares), party_(std::move(party)) {}
    Part(Part&& other) noexcept
        : shares_(std::exchange(other.shares_, nullptr)), party_(std::move(other.party_)) {}
    Part& operator=(Part&&) = delete;
    ~Part() {
      if (shares_) shares_->give_back(party_);
    }

   private:
    Shares* shares_;
    std::string party_;
  };

  // nullopt: the party has its share already.
  std::optional<Part> take(const std::string& party) {
    std::size_t& count = held_[party];
    if (count >= limit_) return std::nullopt;
    count++;
    return Part(*this, party);
  }

 private:
  void give_back(const std::string& party) {
    const auto held = held_.find(party);
    if (--held->second == 0) held_.erase(held);
  }

  const std::size_t limit_;  // at least 1
  std::unordered_map<std::string, std::size_t> held_;
};

}  // namespace auth
