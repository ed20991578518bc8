// What verifying one stored hash shows.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace auth::hash {

// Unusable: an unknown scheme, a damaged hash, or one that asks for more memory or time than
// [hash] max_* allow (found out before it is run); `problem` says.
struct Verification {
  enum class Outcome { same, different, unusable } outcome;
  std::string problem;
};

inline Verification usable(bool same) {
  return {same ? Verification::Outcome::same : Verification::Outcome::different, {}};
}

inline Verification unusable(std::string_view problem) {
  return {Verification::Outcome::unusable, std::string(problem)};
}

// The hash is not what its scheme's hashes look like.
inline constexpr std::string_view damaged = "damaged hash";

}  // namespace auth::hash
