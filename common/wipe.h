// Memory that zeroes itself: for everything a password may touch. Compiles with musl and no
// libstdc++, like all of common/.
// SPDX-License-Identifier: MIT

#pragma once

#include <stddef.h>
#include <string.h>

namespace common {

// A buffer of N bytes on the stack or inside an object; not copyable, wiped when it goes.
template <size_t N>
struct Wiped {
  char data[N];
  static constexpr size_t capacity = N;

  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(); }
  void wipe() { explicit_bzero(data, N); }
};

}  // namespace common
