// Writes the log table: uses of app passwords, in their order, in batches, behind the answers, each
// of them once. While the database is away they wait here and in the spool, which outlives cached.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <coroutine>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "cached/base/log.h"
#include "cached/loop/task.h"
#include "cached/stores/database.h"
#include "cached/trail/repeats.h"
#include "cached/trail/spool.h"

namespace trail {

class Recorder {
 public:
  using Number = std::int64_t;

  struct Settings {
    std::size_t most_waiting = 0;  // in memory; those beyond are in the spool only
    std::size_t most_repeats = 0;  // uses that are remembered, so that equal ones are no rows
    Spool::Settings spool{};
    clients::RedisOptions redis{};
  };

  Recorder(uv_loop_t* loop, stores::Database& store, const Settings& settings);

  // Gives the use its time, which no other one of the same password, service and address has. It is
  // written after complete(). nullopt: it is no row of its own.
  std::optional<Number> add(stores::Use& use, const Bucket& bucket);

  // The use as it has become: all is known of it that will be.
  void complete(Number number, const stores::Use& use);

  // co_await: until all that was added is safe from a crash, or cannot be made so in time.
  Spool::Kept kept() { return spool_.kept(); }

  // Writes what is still waiting, then ends. Tried once more, not for ever.
  void finish();
  bool finished() const { return finished_ && spool_.is_idle(); }
  std::size_t waiting() const { return waiting_.size() + behind_; }
  std::size_t unsafe() const;  // of those: that would be lost now

  // The last thing: tells what becomes of those that wait. False: some are lost.
  bool leave() const;

 private:
  struct Row {
    Number number;
    stores::Use use;
    bool is_complete = false;
    bool is_checked = false;  // no other host has recorded its like
    bool is_spooled = false;  // or on its way there
    bool is_amended = false;  // the spool has an earlier form of it

    bool is_ready() const { return is_complete && is_checked; }
  };
  struct Arrival;

  std::deque<Row>::iterator place_of(Number number);
  bool is_ready() const;
  bool has_room_for_more() const;
  void start();
  void set_time(stores::Use& use);
  void enqueue(Number number, const stores::Use& use, bool is_checked);
  loop::Task<void> check(Number number, std::string key, Bucket bucket);
  void drop(Number number);
  void amend(Row& row);
  loop::Task<void> run();
  loop::Task<bool> write_batch();
  loop::Task<bool> read_on();
  void take_in(const std::vector<SpoolRow>& rows);
  void written(std::ptrdiff_t count);
  void not_written(std::ptrdiff_t count, const base::Error& error);

  uv_loop_t* const loop_;
  stores::Database& store_;
  const std::size_t most_waiting_;
  Repeats repeats_;
  Spool spool_;
  std::deque<Row> waiting_;  // by number
  std::size_t behind_ = 0;   // how many are in the spool behind them
  Number last_taken_in_ = 0;
  Number last_number_;
  std::unordered_map<std::string, std::int64_t> times_;  // of what was used in this millisecond
  std::int64_t last_time_ = 0;                           // the latest of them
  std::coroutine_handle<> idle_;                         // run(), while there is nothing to do
  bool finishing_ = false;
  bool finished_ = false;
  bool in_trouble_ = false;  // the last batch could not be written
  base::log::Limited full_;
  base::log::Limited failed_;
};

}  // namespace trail
