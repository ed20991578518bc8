// The kinds of database, one row each.
// SPDX-License-Identifier: MIT

#include "cached/stores/store.h"

#include <algorithm>

#include "cached/base/text.h"
#include "cached/stores/mysql.h"
#include "cached/stores/sqlite.h"

namespace stores {
namespace {

struct Backend {
  std::string_view name;                   // as in [database] backend
  std::chrono::milliseconds longest_rest;  // 0: trying costs nothing
  std::size_t threads;                     // when [database] threads is 0
  base::Result<std::vector<std::string>> (*hosts)(const DatabaseOptions&);
  base::Status (*prepare)(const DatabaseOptions&);
  base::Result<std::unique_ptr<Connection>> (*connect)(const DatabaseOptions&, std::size_t host);
};

constexpr Backend backends[] = {
    {"sqlite", std::chrono::seconds(0), 2, sqlite_hosts, prepare_sqlite, connect_sqlite},
    {"mysql", std::chrono::seconds(30), 4, mysql_hosts, prepare_mysql, connect_mysql},
};

const Backend& find_backend(const DatabaseOptions& options) {
  for (const Backend& backend : backends)
    if (backend.name == options.backend) return backend;
  base::check(false, "a backend that the options allow has no row");
  return backends[0];
}

}  // namespace

void sort_newest_first(std::vector<AppPassword>& rows) {
  std::ranges::sort(rows, [](const AppPassword& a, const AppPassword& b) {
    return a.deleted != b.deleted ? b.deleted : a.id > b.id;
  });
}

base::Result<std::vector<std::string>> hosts_of(const DatabaseOptions& options) {
  return find_backend(options).hosts(options);
}

std::size_t threads_of(const DatabaseOptions& options) {
  return options.threads ? static_cast<std::size_t>(options.threads)
                         : find_backend(options).threads;
}

std::chrono::milliseconds longest_rest_of(const DatabaseOptions& options) {
  return find_backend(options).longest_rest;
}

base::Status prepare(const DatabaseOptions& options) {
  return find_backend(options).prepare(options);
}

base::Result<std::unique_ptr<Connection>> connect(const DatabaseOptions& options,
                                                  std::size_t host) {
  return find_backend(options).connect(options, host);
}

base::Result<std::unique_ptr<Connection>> connect_any(const DatabaseOptions& options) {
  const auto hosts = hosts_of(options);
  if (!hosts) return hosts.error();
  std::string problems;
  for (std::size_t host = 0; host < hosts->size(); host++) {
    auto connection = connect(options, host);
    if (connection) return connection;
    problems += base::cat(problems.empty() ? "" : "\n", connection.error().text);
  }
  return base::Error{problems};
}

}  // namespace stores
