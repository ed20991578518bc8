// For invariants of our own: a broken one is a bug, never an error path.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdio>
#include <cstdlib>

namespace base {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "cached: broken invariant: %s\n", what);
  std::abort();
}

}  // namespace base
