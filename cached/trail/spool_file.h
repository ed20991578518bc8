// The file in which rows survive whatever happens to cached and to the database: SQLite. Everything
// here blocks, and is for one thread at a time.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/stores/sqlite_statement.h"
#include "cached/trail/spool_row.h"

namespace trail {

class SpoolFile {
 public:
  struct Contents {
    std::int64_t rows = 0;
    std::int64_t attempts = 0;  // of them
    std::int64_t last_id = 0;
    std::int64_t dropped = 0;  // attempts that had to make room, since it was opened

    std::int64_t of(Kind kind) const { return kind == Kind::use ? rows - attempts : attempts; }
  };

  // Makes it when it is not there. `sync` is off, normal or full, as SQLite has it. The file is
  // locked: it is of one cached.
  base::Status open(const std::string& path, const std::string& sync, std::int64_t most_rows);

  const Contents& contents() const { return contents_; }
  base::Status count();  // when a row may have been put that was there

  // All or none. Beyond most_rows the oldest attempts go.
  base::Status apply(const Changes& changes);

  // The first `limit` rows of a kind behind `after`.
  base::Result<std::vector<SpoolRow>> read(Kind kind, std::int64_t after, std::size_t limit);

 private:
  base::Error failure() const;
  base::Status execute(const char* sql);
  base::Result<bool> open_database();  // true: it is empty
  base::Status prepare(std::unique_ptr<stores::Statement>& statement, const char* sql);
  base::Status finish(stores::Statement& statement);
  base::Status apply_one(std::int64_t id, const Change& change);
  base::Status remove(std::int64_t id);
  base::Status make_room();

  std::string path_;
  std::int64_t most_rows_ = 0;
  Contents contents_;
  stores::SqliteHandle database_;
  std::unique_ptr<stores::Statement> put_, amend_, remove_, drop_, read_;  // before it
};

}  // namespace trail
