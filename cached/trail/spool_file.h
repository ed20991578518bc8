// The file in which rows survive whatever happens to cached and to the database: SQLite. Everything
// here blocks, and is for one thread at a time.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/stores/sqlite_statement.h"

namespace trail {

// What a row is of. When there is no room, rows of the kinds behind `use` go first.
enum class Kind : std::int64_t { use = 1 };

struct SpoolRow {
  std::int64_t id = 0;
  Kind kind = Kind::use;
  std::string body;
};

// What becomes of a row.
struct Change {
  Kind kind = Kind::use;
  std::string body;         // empty: it is removed
  bool is_in_file = false;  // an earlier form of it may be
};
using Changes = std::map<std::int64_t, Change>;  // by id

class SpoolFile {
 public:
  struct Contents {
    std::int64_t rows = 0;
    std::int64_t last_id = 0;
  };

  // Makes it when it is not there. `sync` is off, normal or full, as SQLite has it. The file is
  // locked: it is of one cached.
  base::Result<Contents> open(const std::string& path, const std::string& sync);

  base::Status apply(const Changes& changes);  // all or none

  // The first `limit` rows behind `after`.
  base::Result<std::vector<SpoolRow>> read(std::int64_t after, std::size_t limit);

 private:
  base::Error failure() const;
  base::Status execute(const char* sql);
  base::Status run(stores::Statement& statement);
  base::Status apply_each(const Changes& changes);

  std::string path_;
  stores::SqliteHandle database_;
  std::unique_ptr<stores::Statement> put_, remove_, read_;  // before the database they are of
};

}  // namespace trail
