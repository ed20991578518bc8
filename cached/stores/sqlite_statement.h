// Handles of SQLite: a database, and a prepared statement on it.
// SPDX-License-Identifier: MIT

#pragma once

#include <sqlite3.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stores {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseDatabase>;

// A prepared statement, reset (and its bindings forgotten) when the query that uses it ends.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_stmt* made = nullptr;
    sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    handle_.reset(made);
  }
  explicit operator bool() const { return handle_ != nullptr; }
  sqlite3_stmt* get() const { return handle_.get(); }

  void bind(int at, std::string_view text) {
    keep(sqlite3_bind_text64(get(), at, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                             SQLITE_UTF8));
  }
  void bind(int at, std::int64_t number) { keep(sqlite3_bind_int64(get(), at, number)); }

  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column)))
                 : std::string();
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(get(), column); }

  // The next row; SQLITE_ROW, SQLITE_DONE or what is wrong. What could not be bound must not run as
  // NULL: it would find nothing, and nobody.
  int step() { return trouble_ == SQLITE_OK ? sqlite3_step(get()) : trouble_; }

  void reset() {
    sqlite3_reset(get());
    sqlite3_clear_bindings(get());
    trouble_ = SQLITE_OK;
  }

 private:
  void keep(int result) {
    if (trouble_ == SQLITE_OK) trouble_ = result;
  }

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int trouble_ = SQLITE_OK;
};

}  // namespace stores
