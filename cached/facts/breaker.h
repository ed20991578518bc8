// When somebody is asked: not for a while after he did not answer, and about what is only old no
// more than so often.
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "cached/base/log.h"

namespace facts {

// As what was told is dated: it is compared with what other hosts were told.
using WallTime = std::chrono::system_clock::time_point;

inline constexpr std::chrono::minutes longest_pause{15};

// `first`, doubled for each try behind the first one, up to longest_pause.
std::chrono::milliseconds pause_after(int tries, std::chrono::milliseconds first);

class Breaker {
 public:
  // `name`: who it is, for the log.
  explicit Breaker(std::string name) : name_(std::move(name)) {}

  // Why he is not asked now; empty: he would be.
  std::string obstacle(WallTime now) const;

  // Leave for a question; it must end by one of the four below. nullopt: he is not asked now.
  // After a pause one question alone is let through, and the others when it was answered.
  using Leave = unsigned;
  std::optional<Leave> begin(WallTime now);

  void answered(Leave leave, WallTime now);
  void returned(Leave leave);  // without having asked

  // No answer: a pause, twice as long each time.
  void failed(Leave leave, WallTime now, std::chrono::milliseconds first_pause,
              const std::string& problem);
  // An answer of no use, which may be due to what was asked: the third in a row counts as none.
  void puzzled(Leave leave, WallTime now, std::chrono::milliseconds first_pause,
               const std::string& problem);
  // He wants to be left alone for so long; a day at most.
  void sent_away(Leave leave, WallTime now, std::chrono::milliseconds time);

 private:
  bool is_paused(WallTime now) const;
  void pause(WallTime now, std::chrono::milliseconds time, const std::string& problem);

  const std::string name_;
  Leave round_ = 0;       // of questions: what those of an earlier one bring is old
  int tries_ = 0;         // pauses in a row
  int puzzles_ = 0;       // in a row
  bool probing_ = false;  // the one question after a pause is under way
  WallTime since_{}, out_since_{};
  std::chrono::milliseconds time_{0};  // of the pause
  std::string problem_;
  std::string obstacle_;  // while it is paused: every login is told
  base::log::Limited log_{6, std::chrono::minutes(10)};
};

// So many at first, and then so many a second.
class Bucket {
 public:
  bool take(WallTime now, int a_second);

 private:
  static constexpr double most = 10;
  double left_ = most;
  WallTime since_{};
};

}  // namespace facts
