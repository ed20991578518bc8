// The SQLite file of a Shelf (sqlite_shelf.h). It is a cache: whatever is wrong with it is a line
// in the log. Everything here but may_have() blocks, and is for one thread.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cached/facts/key_filter.h"
#include "cached/facts/shelf.h"
#include "cached/stores/sqlite_statement.h"

namespace facts {

class ShelfFile {
 public:
  struct Change {
    std::string key;       // empty: all that was told before `time` does not count
    Shelf::Fields fields;  // none: the key is erased
    Shelf::Time time{};    // until when they are kept
  };

  // Beyond that many rows (one for each field), those that would go first are deleted.
  ShelfFile(std::string path, std::size_t most_rows)
      : path_(std::move(path)),
        most_rows_(static_cast<std::int64_t>(most_rows)),
        keys_(most_rows / rows_of_a_key) {}

  Shelf::Kept read(const std::string& key);

  // Whether read() may find something. For any thread.
  bool may_have(const std::string& key) const { return keys_.may_have(key); }

  // All of them or none. Makes the file when it is not there, also without a change.
  void write(const std::vector<Change>& changes);

  Shelf::Time flushed() const { return flushed_; }

 private:
  bool is_open();
  int open();  // what SQLite says
  void start_anew();
  bool succeeded(int code, const std::string& problem);  // when not, tells or starts anew

  int apply(const Change& change);
  int make_room();
  int execute(const char* sql) {
    return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  }
  // Runs it to its end, and returns how that was; each row is given to `take`.
  template <class Take, class... Values>
  int run(const char* sql, Take take, const Values&... values);
  template <class... Values>
  int run_all(const char* sql, const Values&... values) {
    return run(
        sql, [](const stores::Statement&) {}, values...);
  }
  int number(const char* sql, std::int64_t& found);

  static constexpr std::size_t rows_of_a_key = 2;  // or more, most have

  const std::string path_;
  const std::int64_t most_rows_;
  KeyFilter keys_;  // also those that have gone since
  stores::SqliteHandle database_;
  std::int64_t rows_ = 0;  // at most so many are in it
  Shelf::Time flushed_{};
  bool given_up_ = false;  // nothing will ever be kept
  bool in_trouble_ = false;
};

}  // namespace facts
