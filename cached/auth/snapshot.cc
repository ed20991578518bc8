// See snapshot.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/snapshot.h"

#include "cached/base/privileges.h"
#include "cached/base/text.h"

namespace auth {
namespace {

using base::Result;

// Turns names into numbers with `find`; what it does not know is added to `errors`.
std::set<unsigned> find_all(const config::Words& names,
                            Result<unsigned> (*find)(const std::string&), const std::string& where,
                            std::string& errors) {
  std::set<unsigned> numbers;
  for (const std::string& name : names) {
    const auto number = find(name);
    if (number)
      numbers.insert(*number);
    else
      errors += base::cat(where, ": ", number.error().text, "\n");
  }
  return numbers;
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> Snapshot::load(const std::string& path, Missing missing) {
  auto file =
      missing == Missing::error ? config::load_file(path) : config::load_file_or_defaults(path);
  if (!file) return file.error();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->file = std::move(*file);
  const auto& server = snapshot->options().server;
  std::string errors;
  const auto where = [&](const char* name) { return snapshot->file.where(path, "server", name); };
  snapshot->allowed_users =
      find_all(server.allow_users, base::find_user, where("allow_users"), errors);
  snapshot->allowed_groups =
      find_all(server.allow_groups, base::find_group, where("allow_groups"), errors);
  if (!server.group.empty()) find_all({server.group}, base::find_group, where("group"), errors);
  if (!errors.empty()) return base::Error{errors};
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace auth
