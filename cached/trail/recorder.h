// What goes to the log table: uses of app passwords, each with a time of its own, and equal ones
// only once in a while.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "cached/loop/task.h"
#include "cached/trail/outbox.h"
#include "cached/trail/repeats.h"

namespace trail {

class Recorder {
 public:
  using Number = Outbox::Number;

  struct Settings {
    std::size_t most_waiting = 0;  // in memory; those beyond are in the spool only
    std::size_t most_repeats = 0;  // uses that are remembered, so that equal ones are no rows
  };

  // What it is given must outlive it. `redis`: what other hosts know; null: nobody is asked.
  Recorder(uv_loop_t* loop, stores::Database& store, Spool& spool, Numbers& numbers,
           const Settings& settings, std::shared_ptr<clients::Redis> redis);

  // Gives the use its time, which no other one of the same password, service and address has. It is
  // written after complete(). nullopt: it is no row of its own.
  std::optional<Number> add(stores::Use& use, const Bucket& bucket);

  // All is known of it that will be: as it was added, or as it has become.
  void complete(Number number);
  void complete(Number number, const stores::Use& use);

  // Whether rows could be written, or why not.
  loop::Task<base::Status> rehearse();

  void finish();
  const Outbox& rows() const { return rows_; }

 private:
  void set_time(stores::Use& use);
  loop::Task<void> check(Number number, std::string key, Bucket bucket);

  Numbers& numbers_;
  stores::Database& store_;
  Repeats repeats_;
  Outbox rows_;
  std::unordered_map<std::string, std::int64_t> times_;  // of what was used in this millisecond
  std::int64_t last_time_ = 0;                           // the latest of them
  bool finishing_ = false;
};

}  // namespace trail
