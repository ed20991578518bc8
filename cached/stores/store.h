// What a database of app passwords can do, and the table of its kinds. A Connection blocks and is
// used by one thread at a time: on a lane's threads through stores::Pool, or by cachedctl.
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
#include "cached/stores/attempts.h"

namespace stores {

// A row of app_passwords as a login needs it.
struct AppPassword {
  std::int64_t id = 0;
  std::string hash;
  std::string comment;
  bool deleted = false;  // revoked; still a row, so that its use can be told from a wrong password
};

// Deleted ones last. SQLite would make a table for it, each time.
void sort_newest_first(std::vector<AppPassword>& rows);

// A row as `cachedctl password list` shows it; empty: NULL.
struct Listed {
  std::int64_t id = 0;
  std::string created;
  std::string deleted;
  std::string last_used;
  std::string comment;
};

// An app password was used, and let in or not: a row of the log table. All texts are UTF-8; empty:
// NULL.
struct Use {
  std::int64_t password_id = 0;
  std::string service;
  std::string remote_ip;
  std::string time;  // base::utc_text
  std::string reverse_name{}, location{}, isp{};
  std::string result = "permit";  // or deny, later
  std::string reason{}, rule{};   // of a refusal
  std::string host{}, session{};  // whose cached it was, and Dovecot's name for the connection
  // It was sent before, and nobody knows what came of that: written when it is not there yet.
  bool may_be_there = false;
};

class Connection {
 public:
  virtual ~Connection() = default;

  // Asked after an error: true when what failed may well succeed on another connection, and running
  // it twice does no harm.
  virtual bool is_stale() = 0;

  // At most `limit` rows of the user, whichever these are when there are more; the newest first,
  // deleted ones last. No rows is not an error. The user's name is compared for equality: byte for
  // byte in SQLite, and in MySQL without regard to the case of ASCII letters where the column's
  // collation has none.
  virtual base::Result<std::vector<AppPassword>> passwords_of(std::string_view user,
                                                              std::size_t limit) = 0;

  // The ids of those rows in the order in which they should be tried: last used first, then the
  // never used, newest first. Costs more than the rows themselves.
  virtual base::Result<std::vector<std::int64_t>> by_last_use(std::string_view user,
                                                              std::size_t limit) = 0;

  // All or none. A use of a row that has meanwhile been removed is left out, and so is one that was
  // not let in where the log table has no column that could tell it from the others.
  virtual base::Status record(std::span<const Use> uses) = 0;

  // All or none. Rows that are there already are brought up to date.
  virtual base::Status record_attempts(std::span<const Attempts> rows) = 0;

  // Removes the oldest rows of attempts of before that time (seconds since 1970), at most
  // most_purged. How many: fewer than that, and there are no more, or another host is at it.
  static constexpr std::size_t most_purged = 100;
  virtual base::Result<std::int64_t> purge_attempts(std::int64_t before) = 0;

  virtual base::Result<std::vector<Listed>> list(std::string_view user) = 0;
  virtual base::Result<std::int64_t> add(std::string_view user, std::string_view hash,
                                         std::string_view comment) = 0;  // the new row's id
  virtual base::Result<bool> revoke(std::int64_t id) = 0;  // false: no such row, or revoked before
};

using DatabaseOptions = decltype(config::Options::database);

// The servers of the database in order of preference, for messages; SQLite has one, its file. An
// error names the option that is wrong.
base::Result<std::vector<std::string>> hosts_of(const DatabaseOptions& options);

// How many queries may run at the same time.
std::size_t threads_of(const DatabaseOptions& options);

// How long a server that does not answer is left alone at most.
std::chrono::milliseconds longest_rest_of(const DatabaseOptions& options);

// To be called once, by the daemon, before there are threads. Makes SQLite's tables: a file that is
// missing later must not look like one without users.
base::Status prepare(const DatabaseOptions& options);

base::Result<std::unique_ptr<Connection>> connect(const DatabaseOptions& options, std::size_t host);

// To the first host that answers.
base::Result<std::unique_ptr<Connection>> connect_any(const DatabaseOptions& options);

}  // namespace stores
