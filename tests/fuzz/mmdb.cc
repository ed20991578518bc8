// Fuzz target: MMDB files. Whatever the bytes are, they are refused with the file's name, or every
// lookup ends with facts within their limits.
// SPDX-License-Identifier: MIT

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "cached/base/check.h"
#include "cached/base/descriptor.h"
#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/facts/geo.h"

namespace {

void check_limits(const facts::Fact<facts::Geo>& fact) {
  const facts::Geo* geo = fact.find();
  if (!geo) return;
  base::check(geo->city.name.size() < 256 && geo->postal_code.size() < 256, "text is limited");
  base::check(geo->subdivisions.size() <= 8, "subdivisions are limited");
  if (!geo->position) return;
  base::check(std::abs(geo->position->latitude) <= 90, "a latitude");
  base::check(std::abs(geo->position->longitude) <= 180, "a longitude");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = (base::log::open({.least = base::log::Level::error}), true);
  base::check(quiet, "stderr is always there");
  const base::Descriptor bytes(memfd_create("fuzz", MFD_CLOEXEC));
  if (write(bytes.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  const std::string path = base::cat("/proc/self/fd/", bytes.get());
  const auto file = facts::open_mmdb(path, nullptr);
  if (!file) {
    base::check(file.error().text.starts_with(path + ": "), "an error names the file");
    return 0;
  }
  base::check(*facts::open_mmdb(path, *file) == *file, "an unchanged file is the same");
  for (const char* client : {"139.162.133.252", "209.85.218.15", "198.145.200.1", "192.88.1.1",
                             "0.0.0.0", "255.255.255.255", "::", "2a01:4f8::1", "ffff::"}) {
    check_limits(facts::find_geo(**file, *base::parse_address(client)));
    facts::Facts facts;
    facts::find_as(**file, *base::parse_address(client), facts);
  }
  return 0;
}
