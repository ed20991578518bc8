// Puts a user's name into a template of the configuration.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace base {

inline std::string unchanged(std::string_view value) { return std::string(value); }

// In the template: %u the user, %n the part before the first @, %d the part after it, each as
// `escape` returns it; %% a percent sign; any other %x stays as it is.
std::string expand(std::string_view text, std::string_view user,
                   std::string (*escape)(std::string_view) = unchanged);

}  // namespace base
