// See userdb.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/userdb.h"

#include <algorithm>

#include "cached/base/expand.h"
#include "cached/base/text.h"

namespace auth {
namespace {

bool has(const Fields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.first == name; });
}

}  // namespace

Fields userdb_fields(const UserdbOptions& options, std::string_view user, const Fields& account) {
  const std::pair<const char*, const std::string*> templates[] = {
      {"uid", &options.uid}, {"gid", &options.gid}, {"home", &options.home}};
  Fields fields;
  for (const auto& [name, value] : account) fields.emplace_back("userdb_" + name, value);
  for (const auto& [name, text] : templates)
    if (!text->empty() && !has(account, name))
      fields.emplace_back(base::cat("userdb_", name), base::expand(*text, user));
  return fields;
}

}  // namespace auth
