// Rows on their way to one table: in their order, in batches, behind the answers, each of them
// once. While the database is away they wait here and in the spool, which outlives cached.
// SPDX-License-Identifier: MIT

#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cached/base/log.h"
#include "cached/loop/task.h"
#include "cached/stores/database.h"
#include "cached/trail/spool.h"

namespace trail {

// Of one cached: no two rows have the same, whatever table they are of, and later ones higher ones,
// also than those that are in its spool from before. By the clock, so that they do so even if it
// could not be read; and hosts that are called alike hardly have the same ones.
class Numbers {
 public:
  explicit Numbers(const Spool& spool);
  std::int64_t next() { return ++last_; }

 private:
  std::int64_t last_;
};

class Outbox {
 public:
  using Number = std::int64_t;

  struct Settings {
    Kind kind = Kind::use;
    std::string what;              // for messages: logins
    std::size_t most_waiting = 0;  // in memory; those beyond are in the spool only
  };

  // As it was put. may_be_there: it was sent before, and nobody knows what came of that.
  struct Sent {
    std::string body;
    bool may_be_there = false;
  };
  using Batch = std::vector<Sent>;

  // All or none, on a thread of the store's pool.
  using Write = base::Status (*)(stores::Connection& connection, const Batch& batch);

  struct Counts {
    std::size_t waiting = 0;  // not yet in the table
    std::size_t spooled = 0;  // of them: in the spool
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;  // there was no room for them
  };

  Outbox(uv_loop_t* loop, stores::Database& store, Spool& spool, Settings settings, Write write);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // Written when it has been released so often. False: there is no room for it.
  bool put(Number number, std::string body, int releases = 0);
  void amend(Number number, std::string body);  // only before its last release
  void release(Number number);
  void drop(Number number);  // unless it is, or may be, on its way

  // Writes what is still waiting, then ends. Tried once more, not for ever.
  void finish();
  bool finished() const { return finishing_ && !running_; }
  std::size_t waiting() const { return waiting_.size() + behind_; }
  std::size_t unsafe() const;  // of those: that would be lost now
  Counts counts() const;

  // The last thing: tells what becomes of those that wait. False: some are lost.
  bool leave() const;

 private:
  struct Row {
    Number number;
    std::string body;
    int releases = 0;  // still to come
    bool may_be_there = false;
    bool is_spooled = false;  // or on its way there
    bool is_amended = false;  // the spool has an earlier form of it
  };
  Row* find(Number number);
  std::deque<Row>::iterator place_of(Number number);
  bool is_behind(Number number) const { return behind_ > 0 && number > last_taken_in_; }
  bool is_ready() const;
  bool has_room_for_more() const;
  void start();
  void amend_in_spool(Row& row);
  loop::Task<void> run();
  loop::Task<bool> write_batch();
  loop::Task<bool> read_on();
  void take_in(std::vector<SpoolRow> rows, const std::set<Number>& dropped);
  void written(std::ptrdiff_t count);
  void not_written(std::ptrdiff_t count, const base::Error& error);

  uv_loop_t* const loop_;
  stores::Database& store_;
  Spool& spool_;
  const Settings settings_;
  const Write write_;
  std::deque<Row> waiting_;  // by number
  std::size_t behind_ = 0;   // how many are in the spool behind them
  Number last_taken_in_ = 0;
  bool reading_ = false;             // what is behind
  std::set<Number> dropped_behind_;  // meanwhile
  bool running_ = false;
  bool finishing_ = false;
  std::string trouble_;  // why the last batch could not be written
  std::uint64_t written_ = 0, dropped_ = 0;
  base::log::Limited full_;
  base::log::Limited failed_;
};

}  // namespace trail
