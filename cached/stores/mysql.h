// App passwords in MySQL or MariaDB, with the tables of sql/mysql.sql. A login needs SELECT on
// app_passwords, and SELECT and INSERT on log; adding and revoking need INSERT and UPDATE (deleted)
// on app_passwords as well.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/stores/store.h"

namespace stores {

// The servers' names, in order of preference.
base::Result<std::vector<std::string>> mysql_hosts(const DatabaseOptions& options);

// Asks nothing of a server: one that is away when cached starts may come later.
base::Status prepare_mysql(const DatabaseOptions& options);

base::Result<std::unique_ptr<Connection>> connect_mysql(const DatabaseOptions& options,
                                                        std::size_t host);

}  // namespace stores
