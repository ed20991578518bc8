// Country codes that a list may have: ISO 3166-1 alpha-2, and those that registries and MaxMind use
// besides.
// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

namespace rules {

// Two capital letters, or None: what the predecessors wrote where there is no country.
bool is_country(std::string_view code);

}  // namespace rules
