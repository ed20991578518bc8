// Lines of a file, also of a compressed one, or of standard input, whatever their size.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cached/base/result.h"

namespace ctl::report {

inline constexpr std::size_t longest_line = 1 << 20;  // longer ones are left out, and counted

// What became of it.
struct Taken {
  std::uint64_t lines = 0;
  std::uint64_t too_long = 0;
};

// Blocks until all of it is read. - is standard input.
base::Result<Taken> read_lines(const std::string& name,
                               const std::function<void(std::string_view)>& line);

}  // namespace ctl::report
