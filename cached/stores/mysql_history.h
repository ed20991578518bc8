// The history of a MySQL or MariaDB server.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/stores/history.h"

namespace stores {

base::Result<std::unique_ptr<History>> open_mysql_history(const DatabaseOptions& options,
                                                          std::size_t host);

}  // namespace stores
