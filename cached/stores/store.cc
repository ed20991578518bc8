// The kinds of database, one row each.
// SPDX-License-Identifier: MIT

#include "cached/stores/store.h"

#include "cached/stores/sqlite.h"

namespace stores {
namespace {

struct Backend {
  std::string_view name;  // as in [database] backend
  base::Status (*prepare)(const DatabaseOptions&);
  base::Result<std::unique_ptr<Connection>> (*connect)(const DatabaseOptions&);
};

constexpr Backend backends[] = {
    {"sqlite", prepare_sqlite, connect_sqlite},
};

const Backend& find_backend(const DatabaseOptions& options) {
  for (const Backend& backend : backends)
    if (backend.name == options.backend) return backend;
  base::check(false, "a backend that the options allow has no row");
  return backends[0];
}

}  // namespace

base::Status prepare(const DatabaseOptions& options) {
  return find_backend(options).prepare(options);
}

base::Result<std::unique_ptr<Connection>> connect(const DatabaseOptions& options) {
  return find_backend(options).connect(options);
}

}  // namespace stores
