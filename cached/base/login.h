// One request as it arrived at a door (socket, later HTTP): who wants to log in, to what, from
// where.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/base/secret.h"

namespace base {

// auth: is this password right, and may the login go on?  audit: may it (another passdb saw to the
// password)?  lookup: does this user exist?
enum class Request { auth, audit, lookup };

// Strings as the client's mail program or Dovecot gave them: unchecked, bounded by the wire's line,
// empty when not known.
struct Login {
  Request request = Request::auth;
  std::string user;
  Secret password;
  std::string service;  // imap, pop3, smtp, doveadm, ...
  std::string remote_ip;
  std::string remote_port;
  std::string local_ip;
  std::string local_port;
  std::string real_remote_ip;  // of a trusted proxy
  std::string master_user;
  std::string original_user;  // before Dovecot's auth_username_format
  std::string session;
  std::string secured;
  std::string mechanism;
  std::string client_id;
  std::string local_name;  // TLS server name
};

}  // namespace base
