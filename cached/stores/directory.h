// The directory of accounts as the loop sees it.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>

#include "cached/stores/ldap.h"
#include "cached/stores/pool.h"

namespace stores {

class Directory {
 public:
  // Options that check_ldap has accepted.
  Directory(uv_loop_t* loop, const LdapOptions& options);

  bool is_configured() const { return pool_.has_value(); }

  // As LdapConnection's. Where no directory is configured, everybody has an account and may log in;
  // nobody has an empty name, or one with blanks around it or two in a row. The user must outlive
  // the task.
  loop::Task<base::Result<std::optional<Account>>> find(const std::string& user);

 private:
  std::optional<Pool<LdapConnection>> pool_;
};

}  // namespace stores
