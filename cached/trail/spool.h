// Where rows are safe while they wait for the database. A new one is put into the buffer, and only
// if the database has not taken it a moment later into the file, behind the loop. A reply waits for
// the file when there is no room in the buffer, or none that is as safe as [audit] spool_sync asks
// for; it never waits for the database.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <coroutine>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cached/base/log.h"
#include "cached/loop/handle.h"
#include "cached/loop/lane.h"
#include "cached/loop/task.h"
#include "cached/trail/spool_buffer.h"
#include "cached/trail/spool_file.h"

namespace trail {

class Spool {
 public:
  struct Settings {
    std::string path{};  // empty: there is none
    std::string sync = "normal";
    std::int64_t most_rows = 0;            // in the file
    std::chrono::milliseconds patience{};  // how long a reply waits for the file
    std::string buffer{};                  // empty: there is none
    std::chrono::milliseconds delay{};     // after that time what is in the buffer goes to the file
  };

  // Blocks while it opens the file, and takes in what is in the buffer. When that fails the log
  // says so, and there is no such file.
  Spool(uv_loop_t* loop, Settings settings);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  const SpoolFile::Contents& found() const { return found_; }  // what was in both
  bool works() const { return open_ && !in_trouble_; }         // the file does
  bool is_idle() const { return !writing_ && waiters_.empty(); }
  bool is_safe() const;  // all that was put is safe from a crash

  // Attempts in the file do not count: the oldest of them give way.
  bool has_room() const {
    return open_ && contents_.rows - contents_.attempts + fresh_ < settings_.most_rows;
  }
  std::int64_t dropped() const { return contents_.dropped; }  // attempts that had to go, so far

  void put(SpoolRow row);    // a new one; only while there is room
  void amend(SpoolRow row);  // one that was put
  void remove(std::int64_t id);

  // Rows of a kind behind `after`, in order; an error also when what was put before is not in the
  // file.
  loop::Task<base::Result<std::vector<SpoolRow>>> read(Kind kind, std::int64_t after,
                                                       std::size_t limit);

  // co_await: until all that was put is safe, or cannot be made so, or patience is over.
  struct Kept {
    Spool& spool;
    bool await_ready() const;
    void await_suspend(std::coroutine_handle<> handle) { spool.wait(handle); }
    void await_resume() const {}
  };
  Kept kept() { return {*this}; }

  // From now on everything goes to the file at once; that is tried once more when it cannot be
  // written, not again and again.
  void finish();

 private:
  using Slot = std::optional<SpoolBuffer::Slot>;

  // How a turn of the thread ended.
  struct Turn {
    base::Status status;
    std::uint64_t seen = 0;  // changes_ when it began
    SpoolFile::Contents contents{};
    std::vector<Slot> settled{};  // of rows that the file has now, or that nobody wants
  };
  struct Waiter {
    std::uint64_t change;
    std::uint64_t since;  // uv_now
    std::coroutine_handle<> handle;
  };

  void open_buffer();
  void change(std::int64_t id, Change change, bool is_due = false);
  void forget(Slot slot);
  void write_later();
  void write_to(std::int64_t id);
  loop::Task<void> write();
  Turn write_due();                              // on the thread
  void take_back(Changes& changes, Turn& turn);  // those that could not be written
  bool has_due() const;
  void settle(const Turn& turn);
  void look_at_delayed();
  void wait(std::coroutine_handle<> handle);
  void lose_patience();
  void let_go(std::vector<std::coroutine_handle<>> handles);

  uv_loop_t* const loop_;
  const Settings settings_;
  SpoolFile::Contents found_, contents_;  // of the file: at first, and after the last turn
  std::int64_t fresh_ = 0;                // rows that were put and are not in the file yet
  bool open_ = false;
  bool in_trouble_ = false;  // the last change is not in the file
  bool is_stuck_ = false;    // a reply has waited in vain, and nothing has been written since
  bool writing_ = false;
  bool finishing_ = false;
  std::uint64_t changes_ = 0;      // so far
  std::uint64_t exposed_ = 0;      // the last of them that is in no buffer
  std::uint64_t settled_ = 0;      // up to here they were written when they had to be
  std::int64_t last_id_ = 0;       // of those that were put
  std::int64_t last_delayed_ = 0;  // of those that wait for a whole delay already
  std::deque<Waiter> waiters_;     // the oldest first
  loop::Handle<uv_timer_t> patience_, delay_;
  base::log::Limited failed_, full_;

  SpoolFile file_;  // for the thread
  std::unique_ptr<SpoolBuffer> buffer_;
  mutable std::mutex mutex_;  // for these three
  Changes pending_;
  std::int64_t due_ = 0;          // to be written: up to this id
  std::uint64_t pending_to_ = 0;  // changes_, as the thread may see it
  loop::Lane lane_;               // the last: its thread uses the others
};

}  // namespace trail
