// See spool_file.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/spool_file.h"

#include <algorithm>

#include "cached/base/files.h"
#include "cached/base/text.h"

namespace trail {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;
using stores::Statement;

constexpr std::int64_t application_id = 0x63707370;  // "cpsp"
// No other process reads it, which saves half of the system calls of a commit; and when that is
// said first, opening a file that is there writes nothing: the disk may be full.
constexpr char alone[] = "PRAGMA locking_mode=EXCLUSIVE";
constexpr char pragmas[] =
    "PRAGMA journal_mode=WAL; PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=4194304;";
constexpr char schema[] =
    "BEGIN; PRAGMA application_id=0x63707370;"
    "CREATE TABLE rows (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX attempts ON rows (id) WHERE kind <> 1; COMMIT";
constexpr int busy_time = 2000;  // ms: the cached of before may be leaving

}  // namespace

Error SpoolFile::failure() const {
  return Error{cat("spool ", path_, ": ", sqlite3_errmsg(database_.get()))};
}

Status SpoolFile::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return Done{};
}

Status SpoolFile::prepare(std::unique_ptr<Statement>& statement, const char* sql) {
  statement = std::make_unique<Statement>(database_.get(), sql);
  if (!*statement) return failure();
  return Done{};
}

Status SpoolFile::finish(Statement& statement) {
  const Status status = statement.step() == SQLITE_DONE ? Status(Done{}) : Status(failure());
  statement.reset();
  return status;
}

Status SpoolFile::open(const std::string& path, const std::string& sync, std::int64_t most_rows) {
  path_ = path;
  most_rows_ = most_rows;
  const Status directory = base::refuse_world_writable(base::directory_of(path));
  if (!directory) return Error{cat("spool ", directory.error().text)};
  const auto is_new = open_database();
  if (!is_new) return is_new.error();
  Status status = execute(pragmas);
  if (status) status = execute(cat("PRAGMA synchronous=", sync).c_str());
  if (status && *is_new) status = execute(schema);
  if (status) status = count();
  if (status && contents_.rows == 0)
    static_cast<void>(execute("VACUUM"));  // after a long outage it is large; the disk may be full
  if (status)
    status = prepare(put_, "INSERT OR REPLACE INTO rows (id, body, kind) VALUES (?1, ?2, ?3)");
  if (status) status = prepare(amend_, "UPDATE rows SET body = ?2 WHERE id = ?1");
  if (status) status = prepare(remove_, "DELETE FROM rows WHERE id = ?1 RETURNING kind <> 1");
  if (status)
    status = prepare(drop_,
                     "DELETE FROM rows WHERE id IN "
                     "(SELECT id FROM rows WHERE kind <> 1 ORDER BY id LIMIT ?1)");
  if (status)
    status = prepare(read_,
                     "SELECT id, kind, body FROM rows WHERE id > ?1 AND kind = ?3 "
                     "ORDER BY id LIMIT ?2");
  return status;
}

Result<bool> SpoolFile::open_database() {
  sqlite3* opened = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) return failure();
  sqlite3_busy_timeout(opened, busy_time);
  const Status file = base::refuse_world_writable(path_);
  if (!file) return Error{cat("spool ", file.error().text)};
  const Status locked = execute(alone);
  if (!locked) return locked.error();
  Statement look(opened,
                 "SELECT application_id, (SELECT count(*) FROM sqlite_master) "
                 "FROM pragma_application_id");
  if (!look || look.step() != SQLITE_ROW) return failure();
  if (look.number(1) > 0 && look.number(0) != application_id)
    return Error{cat("spool ", path_, ": is a database of something else")};
  return look.number(1) == 0;
}

Status SpoolFile::count() {
  Statement look(database_.get(),
                 "SELECT count(*), (SELECT count(*) FROM rows WHERE kind <> 1), ifnull(max(id), 0) "
                 "FROM rows");
  if (!look || look.step() != SQLITE_ROW) return failure();
  contents_ = {look.number(0), look.number(1), look.number(2), contents_.dropped};
  return Done{};
}

Status SpoolFile::apply(const Changes& changes) {
  int moved = 0;
  sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved) return Error{cat("spool ", path_, ": the file has been removed or replaced")};
  const Contents before = contents_;
  Status status = execute("BEGIN IMMEDIATE");
  for (auto each = changes.begin(); status && each != changes.end(); ++each)
    status = apply_one(each->first, each->second);
  if (status) status = make_room();
  if (status) status = execute("COMMIT");
  if (status) return status;
  contents_ = before;
  if (!sqlite3_get_autocommit(database_.get()))
    static_cast<void>(execute("ROLLBACK"));  // the first error is the one to tell
  return status;
}

Status SpoolFile::apply_one(std::int64_t id, const Change& change) {
  if (change.body.empty()) return remove(id);
  Statement& statement = change.is_in_file ? *amend_ : *put_;
  statement.bind(1, id);
  statement.bind(2, change.body);
  if (change.is_in_file) return finish(statement);  // unless it has been dropped
  statement.bind(3, static_cast<std::int64_t>(change.kind));
  contents_.rows++;
  contents_.attempts += change.kind != Kind::use;
  contents_.last_id = std::max(contents_.last_id, id);
  return finish(statement);
}

Status SpoolFile::remove(std::int64_t id) {
  remove_->bind(1, id);
  const int step = remove_->step();
  if (step == SQLITE_ROW) {
    contents_.rows--;
    contents_.attempts -= remove_->number(0);
  }
  const bool done = step == SQLITE_DONE || (step == SQLITE_ROW && remove_->step() == SQLITE_DONE);
  const Status status = done ? Status(Done{}) : Status(failure());
  remove_->reset();
  return status;
}

Status SpoolFile::make_room() {
  const auto excess = std::min(contents_.rows - most_rows_, contents_.attempts);
  if (excess <= 0) return Done{};
  drop_->bind(1, excess);
  contents_.rows -= excess;
  contents_.attempts -= excess;
  contents_.dropped += excess;
  return finish(*drop_);
}

Result<std::vector<SpoolRow>> SpoolFile::read(Kind kind, std::int64_t after, std::size_t limit) {
  read_->bind(1, after);
  read_->bind(2, static_cast<std::int64_t>(limit));
  read_->bind(3, static_cast<std::int64_t>(kind));
  std::vector<SpoolRow> rows;
  int step;
  while ((step = read_->step()) == SQLITE_ROW)
    rows.push_back({read_->number(0), static_cast<Kind>(read_->number(1)), read_->text(2)});
  const Status status = step == SQLITE_DONE ? Status(Done{}) : Status(failure());
  read_->reset();
  if (!status) return status.error();
  return rows;
}

}  // namespace trail
