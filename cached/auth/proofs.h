// Passwords that were verified a short while ago, so that mail programs which log in all day with
// the same one cost no hashing. Kept are keyed digests (BLAKE2b, RFC 7693) with a time, never a
// password; the key is random, of this process, and in guarded memory. A digest is of one answer to
// one set of rows as they stand: when a row changes or goes, what was proven with it is void.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cached/base/secret.h"
#include "cached/stores/store.h"

namespace auth {

class Proofs {
 public:
  using Clock = std::chrono::steady_clock;
  using Digest = std::array<unsigned char, 32>;

  Proofs();

  // What one statement is known by. Costs about a microsecond.
  Digest right(const stores::AppPassword& row, const base::Secret& password) const;
  Digest wrong(std::string_view user, const std::vector<stores::AppPassword>& rows,
               const base::Secret& password) const;

  bool holds(const Digest& statement, Clock::time_point now) const;

  // From now on, for `lifetime`. When there are `limit` statements, the oldest is forgotten. Either
  // may be 0: nothing is remembered.
  void remember(const Digest& statement, Clock::time_point now, std::chrono::milliseconds lifetime,
                std::size_t limit);

  void forget_all();

  // How often all was forgotten: what was found out before the last time must not be remembered.
  std::uint64_t era() const { return era_; }

  std::size_t size() const { return ends_.size(); }

 private:
  class Hash;  // of what a digest is made of

  struct FreeGuarded {
    void operator()(unsigned char* memory) const;
  };
  struct Front {  // a digest is as good as random
    std::size_t operator()(const Digest& digest) const {
      std::size_t front;
      std::memcpy(&front, digest.data(), sizeof front);
      return front;
    }
  };

  std::unique_ptr<unsigned char[], FreeGuarded> key_;
  std::unordered_map<Digest, Clock::time_point, Front> ends_;
  std::uint64_t era_ = 0;
  std::deque<Digest> order_;  // of being remembered; the oldest in front
};

}  // namespace auth
