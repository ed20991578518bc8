// See snapshot.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/snapshot.h"

#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/clients/dns.h"
#include "cached/clients/redis.h"
#include "cached/rules/policy.h"
#include "cached/stores/ldap.h"
#include "cached/stores/store.h"

namespace auth {
namespace {

using base::cat;
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
      errors += cat(where, ": ", number.error().text, "\n");
  }
  return numbers;
}

// What only those who work with an option can say of it.
std::string problems_of(const config::File& file, const std::string& path) {
  std::string problems;
  const auto check_file = [&](const char* section, const std::string& name) {
    if (name.empty() || access(name.c_str(), R_OK) == 0) return;
    problems += cat(file.where(path, section, "tls_ca"), ": ", name,
                    " cannot be read: ", std::strerror(errno), "\n");
  };
  check_file("database", file.options.database.tls_ca);
  check_file("ldap", file.options.ldap.tls_ca);
  check_file("registry", file.options.registry.tls_ca);
  const auto dns = clients::check_dns(file.options.dns);
  if (!dns) problems += file.located(path, "dns", dns.error().text);
  const auto redis = clients::check_redis(file.options.redis);
  if (!redis) problems += file.located(path, "redis", redis.error().text);
  const auto hosts = stores::hosts_of(file.options.database);
  if (!hosts) problems += file.located(path, "database", hosts.error().text);
  if (file.options.ldap.uri.empty()) return problems;
  const auto ldap = stores::check_ldap(file.options.ldap);
  if (!ldap) problems += file.located(path, "ldap", ldap.error().text);
  return problems;
}

// Adds the error's lines, each ended.
void add_lines(std::string& errors, const std::string& text) {
  errors += text;
  if (!text.ends_with('\n')) errors += '\n';
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> Snapshot::load(const std::string& path, Missing missing,
                                                       std::shared_ptr<const Snapshot> before) {
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
  errors += problems_of(snapshot->file, path);
  snapshot->sources =
      facts::open_sources(snapshot->file, path, before ? before->sources : facts::Sources(), errors,
                          snapshot->warnings);
  auto policy = rules::load_policy(snapshot->file, path, before ? before->policy : rules::Policy(),
                                   snapshot->warnings);
  if (policy)
    snapshot->policy = std::move(*policy);
  else
    add_lines(errors, policy.error().text);
  if (!errors.empty()) return base::Error{errors};
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace auth
