// From the configuration to the lists that judge.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/base/result.h"
#include "cached/config/file.h"
#include "cached/rules/judge.h"

namespace rules {

// Blocks. The lists of [list NAME], the zones of [dnsbl NAME] and [audit] ignore_networks, sorted
// by their types. `path` is the configuration's, for messages. An error has all problems, a line
// each: FILE:LINE: text. `warnings` gets lines of the same form. Lists that have not changed since
// `before` are taken over.
base::Result<Policy> load_policy(const config::File& file, const std::string& path,
                                 const Policy& before, std::string& warnings);

// Of a list that looks at what nobody can tell: [registry] asks nobody for it, and no file is there
// that might have it. Empty: somebody can.
std::string warning_of(const ListType& type, const config::Options& options);

}  // namespace rules
