// Writes the log table: logins that were let in, in batches, behind the answers. While the database
// is away they wait here, up to [database] log_queue of them.
// SPDX-License-Identifier: MIT

#pragma once

#include <coroutine>
#include <deque>

#include "cached/base/log.h"
#include "cached/loop/task.h"
#include "cached/stores/database.h"

namespace trail {

class Recorder {
 public:
  Recorder(uv_loop_t* loop, stores::Database& store, std::size_t queue_limit);

  void add(stores::Use use);

  // Writes what is still waiting, then ends. Tried once more, not for ever.
  void finish();
  bool finished() const { return finished_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Arrival;
  loop::Task<void> run();
  loop::Task<bool> write_batch();

  uv_loop_t* const loop_;
  stores::Database& store_;
  const std::size_t queue_limit_;
  std::deque<stores::Use> waiting_;
  std::coroutine_handle<> idle_;  // run(), while there is nothing to do
  bool finishing_ = false;
  bool finished_ = false;
  bool in_trouble_ = false;  // the last batch could not be written
  base::log::Limited full_;
  base::log::Limited failed_;
};

}  // namespace trail
