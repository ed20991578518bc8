// Old rows of connection_log go, a few at a time and never for long: nobody waits for a lock, and
// there is time for everything else between.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <cstdint>

#include "cached/base/log.h"
#include "cached/loop/handle.h"
#include "cached/loop/task.h"
#include "cached/stores/database.h"

namespace trail {

class Purge {
 public:
  // days 0: nothing goes. Looks soon after the start, and then about once a minute, not at the same
  // moment as other hosts do.
  Purge(uv_loop_t* loop, stores::Database& store, std::int64_t days);

  void stop() { days_ = 0; }  // after what is being done
  bool is_idle() const { return !running_; }
  std::uint64_t purged() const { return purged_; }

 private:
  void look();
  loop::Task<void> run();
  loop::Task<bool> remove_some();

  uv_loop_t* const loop_;
  stores::Database& store_;
  std::int64_t days_;
  bool running_ = false;
  int failures_ = 0;  // in a row
  std::uint64_t purged_ = 0;
  loop::Handle<uv_timer_t> timer_;
};

}  // namespace trail
