// What is verified, and what that shows.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/base/result.h"
#include "cached/base/secret.h"

namespace auth::hash {

// A stored hash without its {SCHEME}, decoded, and what somebody typed. Some schemes hash the
// user's name too.
struct Trial {
  const std::string& stored;
  const base::Secret& password;
  std::string_view user;
};

// Unusable: an unknown scheme, a damaged hash, or one that asks for more memory or time than
// [hash] max_* allow (found out before it is run); `problem` says.
struct Verification {
  enum class Outcome { same, different, unusable } outcome;
  std::string problem;
};

// An error is a failure of ours (no memory, no thread): it says nothing of the password.
using Verified = base::Result<Verification>;

inline Verification usable(bool same) {
  return {same ? Verification::Outcome::same : Verification::Outcome::different, {}};
}

inline Verification unusable(std::string_view problem) {
  return {Verification::Outcome::unusable, std::string(problem)};
}

// The hash is not what its scheme's hashes look like.
inline constexpr std::string_view damaged = "damaged hash";

}  // namespace auth::hash
