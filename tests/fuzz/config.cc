// Fuzz target: the config reader. Whatever it is given, it has options or an error with a line.
// SPDX-License-Identifier: MIT

#include <cstdint>
#include <string_view>

#include "cached/base/check.h"
#include "cached/config/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = config::parse_file({reinterpret_cast<const char*>(data), size}, "fuzz.conf");
  if (file)
    base::check(file->options.limits.connections >= 1, "limits hold");
  else
    base::check(file.error().text.starts_with("fuzz.conf:"), "an error names the file");
  return 0;
}
