// What logins have shown a short while ago, so that mail programs which log in all day with the
// same password cost no hashing. Kept are keyed digests (BLAKE2b, RFC 7693) with a time, never a
// password; the key is random, of this process, and in guarded memory. What is known is of rows as
// they stand: when a row changes or goes, what was shown with it is void.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "cached/auth/recent.h"
#include "cached/base/secret.h"
#include "cached/stores/store.h"

namespace auth {

class Proofs {
 public:
  using Clock = std::chrono::steady_clock;
  using Rows = std::vector<stores::AppPassword>;

  // How long something is remembered, and how many of its kind.
  struct Limits {
    std::chrono::milliseconds lifetime;
    std::size_t count;
  };

  Proofs();

  // Is the password this row's? nullopt: not known. One that is proven rules out every other one.
  std::optional<bool> recall(const stores::AppPassword& row, const base::Secret& password,
                             Clock::time_point now) const;
  void prove(const stores::AppPassword& row, const base::Secret& password, Clock::time_point now,
             const Limits& limits);

  // Is the password known to be none of the user's rows'?
  bool is_wrong(std::string_view user, const Rows& rows, const base::Secret& password,
                Clock::time_point now) const;
  void refute(std::string_view user, const Rows& rows, const base::Secret& password,
              Clock::time_point now, const Limits& limits);

  // Has the user been let in from that place? This is not forgotten by forget_all().
  bool has_come(std::string_view user, std::string_view place, Clock::time_point now) const;
  void come(std::string_view user, std::string_view place, Clock::time_point now,
            const Limits& limits);
  void forget_coming(std::string_view user, std::string_view place);

  void forget_all();

  // How often all was forgotten: what was found out before the last time must not be remembered.
  std::uint64_t era() const { return era_; }

 private:
  class Hash;  // of what a digest is made of
  struct Nothing {};

  Digest of_row(const stores::AppPassword& row) const;
  Digest of_password(const stores::AppPassword& row, const base::Secret& password) const;
  Digest of_all(std::string_view user, const Rows& rows, const base::Secret& password) const;
  Digest of_coming(std::string_view user, std::string_view place) const;

  struct FreeGuarded {
    void operator()(unsigned char* memory) const;
  };

  std::unique_ptr<unsigned char[], FreeGuarded> key_;
  Recent<Digest> right_;   // row -> its password
  Recent<Nothing> wrong_;  // user, rows and password
  Recent<Nothing> came_;   // user and place
  std::uint64_t era_ = 0;
};

}  // namespace auth
