// The account behind a login, looked up in an LDAP directory. A connection blocks and is used by
// one thread at a time; the loop has stores::Directory.
// SPDX-License-Identifier: MIT

#pragma once

#include <ldap.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/stores/fields.h"
#include "cached/stores/ldap_deadline.h"

namespace stores {

using LdapOptions = decltype(config::Options::ldap);

struct Account {
  std::string disabled;                                     // why it may not log in; empty: it may
  std::vector<std::pair<std::string, std::string>> fields;  // named as in [ldap] fields
};

// Whether options that have a uri can be worked with. An error has a line for each problem, which
// begins with the option's name.
base::Status check_ldap(const LdapOptions& options);

// As it may stand for a value in a filter: every byte but printable ASCII, and ( ) * \ too, is \HH
// (RFC 4515, 3).
std::string escape_filter(std::string_view value);

class LdapConnection {
 public:
  // To the server whose uri is the one of that number. Connecting with TLS and binding each end
  // within their time, but a name in the uri is resolved by the system, within the time it takes
  // (resolv.conf(5)).
  static base::Result<std::unique_ptr<LdapConnection>> open(const LdapOptions& options,
                                                            std::size_t host);
  ~LdapConnection();
  LdapConnection(const LdapConnection&) = delete;
  LdapConnection& operator=(const LdapConnection&) = delete;

  // True when what failed on this connection may well succeed on another one, asked after an error.
  bool is_stale() const { return stale_; }

  // nullopt: there is no such account. An error also when several match, or the base is missing.
  base::Result<std::optional<Account>> find(std::string_view user);

 private:
  struct Unbind {
    void operator()(LDAP* handle) const { ldap_unbind_ext(handle, nullptr, nullptr); }
  };
  struct FreeMessage {
    void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
  };
  using Message = std::unique_ptr<LDAPMessage, FreeMessage>;

  LdapConnection(const LdapOptions& options, const std::string& uri);

  base::Status connect();
  base::Status set_options();
  bool wants_tls() const;
  base::Status set_up_tls();
  base::Status start_tls();
  base::Status check_tls();
  base::Status bind();

  base::Result<Message> answer_to(int id, const std::string& what);
  base::Error failure(int code, const std::string& what, std::string_view detail = {});
  std::string diagnostic() const;  // what libldap last had to say

  std::vector<std::string> values_of(LDAPMessage* entry, const std::string& attribute) const;
  Account account_of(LDAPMessage* entry) const;

  const LdapOptions options_;
  const std::string uri_;
  std::vector<Field> fields_;
  std::vector<std::string> attributes_;  // to ask for
  LdapDeadline deadline_;
  std::unique_ptr<LDAP, Unbind> handle_;  // behind what it uses
  bool stale_ = false;
};

}  // namespace stores
