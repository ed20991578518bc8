// What a command answers to arguments that it does not understand.
// SPDX-License-Identifier: MIT

#pragma once

#include <iostream>
#include <string_view>

#include "cached/base/result.h"

namespace ctl {

// Says so on standard error; the exit status is that of a wrong usage, 2.
inline base::Result<int> wrong_usage(std::string_view what) {
  constexpr int exit_usage = 2;
  std::cerr << "cachedctl: " << what << '\n';
  return exit_usage;
}

}  // namespace ctl
