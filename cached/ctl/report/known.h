// What the admins know already: the predecessor's YAML file, so that a report begins with the rest.
//
//   KNOWN_GOOD_ASNS: [AS3320, AS680]
//   KNOWN_DNS_SUFF: [t-ipconnect.de]
//   AS_COMMENTS:
//     - AS3320: most of our people at home
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "cached/base/result.h"

namespace ctl::report {

struct Known {
  std::set<std::string, std::less<>> systems;                // AS3320
  std::set<std::string, std::less<>> suffixes;               // of host names, in lower case
  std::map<std::string, std::string, std::less<>> comments;  // on systems

  bool has_system(std::string_view system) const { return systems.contains(system); }
  bool has_host(std::string_view host) const;  // it, or a domain around it
};

// Blocks. Other keys are not looked at. An error has the line.
base::Result<Known> load_known(const std::string& path);
base::Result<Known> parse_known(std::string_view text, const std::string& path);

}  // namespace ctl::report
