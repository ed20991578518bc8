// The fields that a permitted login brings Dovecot, made from the templates of [userdb].
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cached/config/options.h"

namespace auth {

using UserdbOptions = decltype(config::Options::userdb);

// In the templates: %u the user, %n the part before the first @, %d the part after it, %% a percent
// sign; any other %x stays as it is.
std::vector<std::pair<std::string, std::string>> userdb_fields(const UserdbOptions& options,
                                                               std::string_view user);

}  // namespace auth
