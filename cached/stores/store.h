// What a database of app passwords can do, and the table of its kinds. A Connection blocks and is
// used by one thread at a time: on the pool's threads through stores::Pool, or by cachedctl.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace stores {

// A row of app_passwords as a login needs it.
struct AppPassword {
  std::int64_t id = 0;
  std::string hash;
  std::string comment;
  bool deleted = false;  // revoked; still a row, so that its use can be told from a wrong password
};

// A row as `cachedctl password list` shows it; empty: NULL.
struct Listed {
  std::int64_t id = 0;
  std::string created;
  std::string deleted;
  std::string last_used;
  std::string comment;
};

// A login that was let in: a row of the log table.
struct Use {
  std::int64_t password_id = 0;
  std::string service;
  std::string remote_ip;
  std::string time;  // base::utc_text
};

class Connection {
 public:
  virtual ~Connection() = default;

  // True when what failed on this connection may well succeed on another one, asked after an error.
  virtual bool is_stale() = 0;

  // At most `limit` rows of the user, in the order in which they should be tried: last used first,
  // then the never used, newest first; deleted ones last. No rows is not an error. The user's name
  // is compared for equality.
  virtual base::Result<std::vector<AppPassword>> passwords_of(std::string_view user,
                                                              std::size_t limit) = 0;

  // All or none. A use of a row that has meanwhile been removed is left out.
  virtual base::Status record(std::span<const Use> uses) = 0;

  virtual base::Result<std::vector<Listed>> list(std::string_view user) = 0;
  virtual base::Result<std::int64_t> add(std::string_view user, std::string_view hash,
                                         std::string_view comment) = 0;  // the new row's id
  virtual base::Result<bool> revoke(std::int64_t id) = 0;  // false: no such row, or revoked before
};

using DatabaseOptions = decltype(config::Options::database);

// Makes the tables where the backend can and they are not there. To be called once, by the daemon:
// a database that is missing later must not look like one without users.
base::Status prepare(const DatabaseOptions& options);

base::Result<std::unique_ptr<Connection>> connect(const DatabaseOptions& options);

}  // namespace stores
