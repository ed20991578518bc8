// Where the MySQL or MariaDB servers are and whom to be there, read from [database]: its separate
// keys, or a data source name as SQLAlchemy writes it.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace stores {

struct MysqlServer {
  std::string name;  // for messages
  std::string host;
  unsigned port = 0;   // 0: localhost means the UNIX socket, others the standard port
  std::string socket;  // a path: goes before host and port
};

struct MysqlAccess {
  std::vector<MysqlServer> servers;  // in order of preference, never none
  std::string database;
  std::string user;
  config::Password password;
};

// An error names the option, and never shows the password.
base::Result<MysqlAccess> mysql_access(const decltype(config::Options::database)& options);

}  // namespace stores
