// Fuzz target: splitting what came on descriptor 3.
// SPDX-License-Identifier: MIT

#include "checkpass/credentials.h"

#include <algorithm>
#include <cstdint>

#include "cached/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const char* bytes = reinterpret_cast<const char*>(data);
  checkpass::Credentials credentials;
  const bool split = checkpass::split(bytes, size, credentials);
  base::check(split == (std::count(data, data + size, 0) >= 3), "three NULs, no more is asked for");
  if (!split) return 0;
  base::check(credentials.user.data == bytes, "the user comes first");
  base::check(credentials.password.data == bytes + credentials.user.size + 1,
              "the password is behind the user");
  base::check(credentials.password.data + credentials.password.size < bytes + size,
              "both are inside");
  return 0;
}
