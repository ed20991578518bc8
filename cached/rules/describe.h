// The table of list types as text for people: the list part of cached.conf(5).
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

namespace rules {

std::string describe_lists();  // mdoc(7)

}  // namespace rules
