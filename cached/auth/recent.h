// What was found out a short while ago: a bounded table of statements, each with a value and an
// end. When it is full, the oldest statement is forgotten.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <unordered_map>

namespace auth {

using Digest = std::array<unsigned char, 32>;

template <class Value>
class Recent {
 public:
  using Clock = std::chrono::steady_clock;

  // Null when it is not known, or not any more.
  const Value* find(const Digest& statement, Clock::time_point now) const {
    const auto found = entries_.find(statement);
    return found != entries_.end() && now < found->second.end ? &found->second.value : nullptr;
  }

  // From now on, for `lifetime`; at most `limit` statements. Either may be 0: nothing is
  // remembered.
  void remember(const Digest& statement, const Value& value, Clock::time_point now,
                std::chrono::milliseconds lifetime, std::size_t limit) {
    const std::size_t more = entries_.contains(statement) ? 0 : 1;
    while (!order_.empty() && order_.size() + more > limit) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    if (limit == 0 || lifetime.count() == 0) return;
    const auto [known, is_new] = entries_.insert_or_assign(statement, Entry{value, now + lifetime});
    if (is_new) order_.push_back(statement);
  }

  void forget(const Digest& statement) { entries_.erase(statement); }

  void forget_all() {
    entries_.clear();
    order_.clear();
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Value value;
    Clock::time_point end;
  };
  struct Front {  // a digest is as good as random
    std::size_t operator()(const Digest& digest) const {
      std::size_t front;
      std::memcpy(&front, digest.data(), sizeof front);
      return front;
    }
  };

  std::unordered_map<Digest, Entry, Front> entries_;
  std::deque<Digest> order_;  // of being remembered; the oldest in front
};

}  // namespace auth
