// Writes the connection_log table: attempts to log in, whatever became of them. On a connection of
// its own, so that whatever is wrong with the table is no matter for logins.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>

#include "cached/loop/handle.h"
#include "cached/stores/database.h"
#include "cached/trail/attempts.h"
#include "cached/trail/outbox.h"
#include "cached/trail/purge.h"

namespace trail {

class ConnectionLog {
 public:
  struct Settings {
    bool is_on = false;            // otherwise only what is in the spool from before is written
    std::size_t most_waiting = 0;  // in memory; those beyond are in the spool only
    std::size_t most_rows = 0;     // in a minute: Folds
    std::int64_t days = 0;         // Purge
  };

  // What it is given must outlive it.
  ConnectionLog(uv_loop_t* loop, const stores::DatabaseOptions& database, Spool& spool,
                Numbers& numbers, const Settings& settings);

  // Its row is there soon, with the number of those like it when their minute is over. Nobody waits
  // for it: when cached is killed, what was counted in that minute is lost, but not its first.
  void add(const Attempt& attempt);

  // Whether rows could be written, or why not.
  loop::Task<base::Status> rehearse();

  // Writes what is still waiting, with what has been counted so far.
  void finish();
  bool finished() const { return rows_.finished() && purge_.is_idle(); }
  const Outbox& rows() const { return rows_; }
  std::uint64_t purged() const { return purge_.purged(); }

 private:
  void look_at_folds();
  void write(const std::vector<stores::Attempts>& ended);

  const bool is_on_;
  Numbers& numbers_;
  stores::Database store_;
  Folds folds_;
  Outbox rows_;
  Purge purge_;
  loop::Handle<uv_timer_t> timer_;  // while there are folds
  bool finishing_ = false;
};

}  // namespace trail
