// See userdb.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/userdb.h"

#include <algorithm>

#include "cached/base/expand.h"
#include "cached/base/text.h"

namespace auth {

Fields userdb_fields(const UserdbOptions& options, std::string_view user, const Fields& account) {
  const std::pair<const char*, const std::string*> templates[] = {
      {"uid", &options.uid}, {"gid", &options.gid}, {"home", &options.home}};
  Fields fields;
  for (const auto& [name, value] : account) fields.emplace_back("userdb_" + name, value);
  for (const auto& [name, text] : templates) {
    const bool given = std::any_of(account.begin(), account.end(),
                                   [&](const auto& field) { return field.first == name; });
    if (!given && !text->empty())
      fields.emplace_back(base::cat("userdb_", name), base::expand(*text, user));
  }
  return fields;
}

}  // namespace auth
