// The history of a SQLite file.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/stores/history.h"

namespace stores {

base::Result<std::unique_ptr<History>> open_sqlite_history(const DatabaseOptions& options);

}  // namespace stores
