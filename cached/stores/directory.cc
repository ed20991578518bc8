// See directory.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/directory.h"

namespace stores {

using base::Result;
using loop::Task;

namespace {

constexpr std::chrono::seconds longest_rest{30};

// libldap sets itself up at its first use, and two threads at once must not be that.
void initialize_libldap() {
  LDAP* first = nullptr;
  if (ldap_initialize(&first, nullptr) == LDAP_SUCCESS) ldap_unbind_ext(first, nullptr, nullptr);
}

// What a directory takes for the same name without them (RFC 4518, 2.6.1).
bool has_loose_blanks(const std::string& user) {
  return user.starts_with(' ') || user.ends_with(' ') || user.find("  ") != std::string::npos;
}

}  // namespace

Directory::Directory(uv_loop_t* loop, const LdapOptions& options) {
  if (options.uri.empty()) return;
  initialize_libldap();
  const PoolLimits limits{static_cast<std::size_t>(options.threads),
                          static_cast<std::size_t>(options.queue), options.query_time,
                          longest_rest};
  pool_.emplace(loop, "directory", options.uri, limits,
                [options](std::size_t host) { return LdapConnection::open(options, host); });
}

Task<Result<std::optional<Account>>> Directory::find(const std::string& user) {
  if (!pool_) co_return std::optional(Account());
  if (user.empty() || has_loose_blanks(user)) co_return std::optional<Account>();
  const auto query = [&user](LdapConnection& c) { return c.find(user); };
  auto account = co_await pool_->run<std::optional<Account>>(query);
  co_return account;
}

}  // namespace stores
