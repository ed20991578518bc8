// App passwords in a SQLite file (WAL), with the tables of sql/sqlite.sql.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/stores/store.h"

namespace stores {

// Makes the file and its tables when they are not there. Refuses a file or directory that everybody
// can write to.
base::Status prepare_sqlite(const DatabaseOptions& options);

base::Result<std::vector<std::string>> sqlite_hosts(const DatabaseOptions& options);
base::Result<std::unique_ptr<Connection>> connect_sqlite(const DatabaseOptions& options,
                                                         std::size_t host);

}  // namespace stores
