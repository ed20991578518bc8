// All that is remembered in tables, and the spool that they share.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/config/options.h"
#include "cached/trail/connection_log.h"
#include "cached/trail/recorder.h"

namespace trail {

class Trail {
 public:
  // `redis` may be null.
  Trail(uv_loop_t* loop, const config::Options& options, std::shared_ptr<clients::Redis> redis);

  // co_await: until all that was added is safe from a crash, or cannot be made so in time.
  Spool::Kept kept() { return spool_.kept(); }

  // Writes what is still waiting, then ends. Tried once more, not for ever.
  void finish();
  bool finished() const;

  // The last thing: tells what becomes of those that wait. False: some are lost.
  bool leave() const;

  std::string status() const;  // a line for each figure: its name, and its value

 private:
  stores::Database log_store_;  // a table that is locked holds no login up
  Spool spool_;
  Numbers numbers_;

 public:
  Recorder recorder;
  ConnectionLog connection_log;
};

}  // namespace trail
