// What the connection_log table is told of an attempt to log in, and which attempts are told in one
// row.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cached/stores/attempts.h"
#include "cached/trail/line.h"

namespace trail {

// One attempt, at `time` (milliseconds since 1970); its number is for the caller to set. Facts that
// are not known yet are left out.
stores::Attempts attempts_of(const Attempt& attempt, std::int64_t time);

// Rows of the last minute: further attempts that are alike are counted in them.
class Folds {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds length{60};

  // At most `most` rows of attempts that no password was right for. What is beyond is counted by
  // address in a tenth as many more, and beyond that in one; of the others, whom no stranger can
  // make up, there may be ten times as many.
  explicit Folds(std::size_t most) : most_(most) {}

  // Counts an attempt. The row that it has begun, valid until the next call; null: it is one more
  // in a row that is there.
  stores::Attempts* add(const stores::Attempts& attempt, Clock::time_point now);

  // Rows whose minute is over, or all of them, and which have more than their first attempt.
  std::vector<stores::Attempts> take_ended(Clock::time_point now);
  std::vector<stores::Attempts> take_all() { return take_ended(Clock::time_point::max()); }

  std::size_t size() const { return rows_.size(); }

 private:
  enum Detail { whole, by_address, all, details };

  struct Row {
    std::string key;
    Clock::time_point end;
    std::size_t* count;  // the one of open_ that it is in
    stores::Attempts attempts;
  };

  static stores::Attempts reduced(const stores::Attempts& attempt, Detail detail);
  static std::string key_of(const stores::Attempts& attempt, Detail detail);
  std::size_t limit_of(bool is_right, Detail detail) const;

  const std::size_t most_;
  std::list<Row> rows_;  // the first to end in front
  std::unordered_map<std::string_view, std::list<Row>::iterator> by_key_;
  std::size_t open_[2][details] = {};  // rows of attempts without and with a right password
};

}  // namespace trail
