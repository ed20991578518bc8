// Fuzz target: a stored hash as a damaged or hostile database may hold it. The limits are so low
// that whatever is run is quick.
// SPDX-License-Identifier: MIT

#include "cached/auth/hash.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::Secret password("secret");
  static const auth::hash::HashOptions options = [] {
    auto low = config::default_options().hash;
    low.max_memory_kib = 64;
    low.max_argon2_passes = 1;
    low.max_argon2_lanes = 1;
    low.max_sha_rounds = 1000;
    low.max_bcrypt_cost = 4;
    low.max_pbkdf2_rounds = 1000;
    low.allow_plain = "yes";
    return low;
  }();
  const std::string_view stored(reinterpret_cast<const char*>(data), size);
  static_cast<void>(
      static_cast<bool>(auth::hash::verify(stored, password, options, "jim@example.org")));
  if (auth::hash::memory_kib(stored) < 0) __builtin_trap();
  static_cast<void>(auth::hash::reads_whole_password(stored));
  return 0;
}
