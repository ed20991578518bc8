// What a command answers to arguments that it does not understand.
// SPDX-License-Identifier: MIT

#pragma once

#include <iostream>
#include <string_view>

#include "cached/base/result.h"

namespace ctl {

constexpr int exit_usage = 2;

// Says so on standard error; the exit status is that of a wrong usage.
inline base::Result<int> wrong_usage(std::string_view what) {
  std::cerr << "cachedctl: " << what << (what.ends_with('\n') ? "" : "\n");
  return exit_usage;
}

}  // namespace ctl
