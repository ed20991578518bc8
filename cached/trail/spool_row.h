// Rows on their way to the database, as the spool and its buffer keep them.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace trail {

// What a row is of: a use of an app password, for the log table, or an attempt to log in, for the
// connection_log table. When there is no room, attempts go first.
enum class Kind : std::int64_t { use = 1, attempt = 2 };

struct SpoolRow {
  std::int64_t id = 0;  // above 0; they have the order in which the database gets them
  Kind kind = Kind::use;
  std::string body;  // not empty
};

// What becomes of a row of the file.
struct Change {
  Kind kind = Kind::use;
  std::string body;                     // empty: it is removed
  bool is_in_file = false;              // an earlier form of it may be
  std::optional<std::uint32_t> slot{};  // of the buffer, which has it until the file does
};
using Changes = std::map<std::int64_t, Change>;  // by id

}  // namespace trail
