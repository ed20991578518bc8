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

// A name (without userdb_) and a value each.
using Fields = std::vector<std::pair<std::string, std::string>>;

// Those of the account go before the templates. In a template: see base::expand.
Fields userdb_fields(const UserdbOptions& options, std::string_view user, const Fields& account);

}  // namespace auth
