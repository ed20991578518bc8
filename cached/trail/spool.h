// Where rows are safe while they wait for the database: a file, written behind the loop, all that
// came together in one transaction. A login's reply waits for that, and never for the database.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <coroutine>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "cached/base/log.h"
#include "cached/loop/handle.h"
#include "cached/loop/lane.h"
#include "cached/loop/task.h"
#include "cached/trail/spool_file.h"

namespace trail {

class Spool {
 public:
  struct Settings {
    std::string path{};  // empty: there is none
    std::string sync = "normal";
    std::int64_t most_rows = 0;
    std::chrono::milliseconds patience{};  // how long a reply waits for the file
  };

  // Blocks while it opens the file. When that fails the log says so, and there is none.
  Spool(uv_loop_t* loop, Settings settings);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  const SpoolFile::Contents& found() const { return found_; }  // what was in it
  bool works() const { return open_ && !in_trouble_; }
  bool has_room() const { return open_ && rows_ < settings_.most_rows; }
  bool is_idle() const { return !writing_ && waiters_.empty(); }

  void put(SpoolRow row);    // a new one; only while it has room
  void amend(SpoolRow row);  // one that was put
  void remove(std::int64_t id);

  // Rows behind `after`, in order; an error also when what was put before is not in the file.
  loop::Task<base::Result<std::vector<SpoolRow>>> read(std::int64_t after, std::size_t limit);

  // co_await: until all that was put is in the file, or cannot be, or patience is over.
  struct Kept {
    Spool& spool;
    bool await_ready() const;
    void await_suspend(std::coroutine_handle<> handle) { spool.wait(handle); }
    void await_resume() const {}
  };
  Kept kept() { return {*this}; }

  // From now on it is tried once more when the file cannot be written, not again and again.
  void finish() { finishing_ = true; }

 private:
  // How a turn of the thread ended, and how many changes it had seen by then.
  struct Turn {
    base::Status status;
    std::uint64_t seen = 0;
  };
  struct Waiter {
    std::uint64_t change;
    std::uint64_t since;  // uv_now
    std::coroutine_handle<> handle;
  };

  void change(std::int64_t id, Change change);
  loop::Task<void> write();
  Turn write_pending();                    // on the thread
  void take_back(const Changes& changes);  // those that could not be written
  bool has_pending();
  void settle(const Turn& turn);
  void wait(std::coroutine_handle<> handle);
  void lose_patience();
  void let_go(std::vector<std::coroutine_handle<>> handles);

  uv_loop_t* const loop_;
  const Settings settings_;
  SpoolFile::Contents found_;
  bool open_ = false;
  bool in_trouble_ = false;  // the last change is not in the file
  bool is_stuck_ = false;    // a reply has waited in vain, and nothing has been written since
  bool writing_ = false;
  bool finishing_ = false;
  std::int64_t rows_ = 0;       // in the file, and on their way to it
  std::uint64_t changes_ = 0;   // so far
  std::uint64_t settled_ = 0;   // of them
  std::deque<Waiter> waiters_;  // the oldest first
  loop::Handle<uv_timer_t> timer_;
  base::log::Limited failed_;

  SpoolFile file_;    // for the thread
  std::mutex mutex_;  // for these two
  Changes pending_;
  std::uint64_t pending_to_ = 0;  // changes_, as the thread may see it
  loop::Lane lane_;               // the last: its thread uses the others
};

}  // namespace trail
