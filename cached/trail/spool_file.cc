// See spool_file.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/spool_file.h"

#include <unistd.h>

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
// EXCLUSIVE: no other process reads it, which saves half of the system calls of a commit.
constexpr char pragmas[] =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA trusted_schema=OFF;"
    "PRAGMA journal_size_limit=4194304;";
constexpr char schema[] =
    "PRAGMA application_id=0x63707370;"
    "CREATE TABLE IF NOT EXISTS rows "
    "(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body TEXT NOT NULL);";
constexpr int busy_time = 2000;  // ms: the cached of before may be leaving

}  // namespace

Error SpoolFile::failure() const {
  return Error{cat("spool ", path_, ": ", sqlite3_errmsg(database_.get()))};
}

Status SpoolFile::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return Done{};
}

Status SpoolFile::run(Statement& statement) {
  const Status status = statement.step() == SQLITE_DONE ? Status(Done{}) : Status(failure());
  statement.reset();
  return status;
}

Result<SpoolFile::Contents> SpoolFile::open(const std::string& path, const std::string& sync) {
  path_ = path;
  const Status directory = base::refuse_world_writable(base::directory_of(path));
  if (!directory) return Error{cat("spool ", directory.error().text)};
  sqlite3* opened = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) return failure();
  sqlite3_busy_timeout(opened, busy_time);
  const Status file = base::refuse_world_writable(path);
  if (!file) return Error{cat("spool ", file.error().text)};
  Contents contents;
  std::int64_t id = 0, tables = 0;
  const auto look = [&](const char* sql, std::int64_t& a, std::int64_t& b) -> Status {
    Statement statement(opened, sql);
    if (!statement || statement.step() != SQLITE_ROW) return failure();
    a = statement.number(0);
    b = statement.number(1);
    return Done{};
  };
  Status status = look(
      "SELECT application_id, (SELECT count(*) FROM sqlite_master) "
      "FROM pragma_application_id",
      id, tables);
  if (status && tables > 0 && id != application_id)
    return Error{cat("spool ", path, ": is a database of something else")};
  if (status) status = execute(pragmas);
  if (status) status = execute(cat("PRAGMA synchronous=", sync).c_str());
  if (status) status = execute(schema);
  if (status)
    status = look("SELECT count(*), ifnull(max(id), 0) FROM rows", contents.rows, contents.last_id);
  if (status && contents.rows == 0) status = execute("VACUUM");  // after a long outage it is large
  if (!status) return status.error();
  put_ = std::make_unique<Statement>(
      opened, "INSERT OR REPLACE INTO rows (id, kind, body) VALUES (?1, ?2, ?3)");
  remove_ = std::make_unique<Statement>(opened, "DELETE FROM rows WHERE id = ?1");
  read_ = std::make_unique<Statement>(
      opened, "SELECT id, kind, body FROM rows WHERE id > ?1 ORDER BY id LIMIT ?2");
  if (!*put_ || !*remove_ || !*read_) return failure();
  return contents;
}

Status SpoolFile::apply(const Changes& changes) {
  int moved = 0;
  sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved) return Error{cat("spool ", path_, ": the file has been removed or replaced")};
  Status status = execute("BEGIN IMMEDIATE");
  if (status) status = apply_each(changes);
  if (status) status = execute("COMMIT");
  if (!status && !sqlite3_get_autocommit(database_.get()))
    static_cast<void>(execute("ROLLBACK"));  // the first error is the one to tell
  return status;
}

Status SpoolFile::apply_each(const Changes& changes) {
  for (const auto& [id, change] : changes) {
    Statement& statement = change.body.empty() ? *remove_ : *put_;
    statement.bind(1, id);
    if (!change.body.empty()) {
      statement.bind(2, static_cast<std::int64_t>(change.kind));
      statement.bind(3, change.body);
    }
    const Status status = run(statement);
    if (!status) return status;
  }
  return Done{};
}

Result<std::vector<SpoolRow>> SpoolFile::read(std::int64_t after, std::size_t limit) {
  read_->bind(1, after);
  read_->bind(2, static_cast<std::int64_t>(limit));
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
