// See breaker.h. A clock that is set back ends a pause.
// SPDX-License-Identifier: MIT

#include "cached/facts/breaker.h"

#include <algorithm>

#include "cached/base/clock.h"
#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;
using std::chrono::milliseconds;

constexpr int most_puzzles = 3;
constexpr milliseconds longest_absence = std::chrono::hours(24);

std::string seconds_text(milliseconds time) {
  return time < std::chrono::seconds(1) ? cat(time.count(), " ms") : cat(time.count() / 1000, " s");
}

}  // namespace

milliseconds pause_after(int tries, milliseconds first) {
  constexpr int enough = 20;  // doublings: any pause has become too long by then
  const milliseconds pause = first * (1 << std::clamp(tries - 1, 0, enough));
  return std::min<milliseconds>(pause, longest_pause);
}

bool Breaker::is_paused(WallTime now) const { return now >= since_ && now < since_ + time_; }

std::string Breaker::obstacle(WallTime now) const {
  if (is_paused(now)) return obstacle_;
  if (probing_) return cat(name_, " is being tried again: ", problem_);
  return {};
}

std::optional<Breaker::Leave> Breaker::begin(WallTime now) {
  if (is_paused(now) || probing_) return std::nullopt;
  probing_ = tries_ > 0;
  return round_;
}

void Breaker::answered(Leave leave, WallTime now) {
  if (leave != round_) return;
  puzzles_ = 0;
  if (tries_ == 0) return;
  log_.write(base::log::Level::notice,
             cat("registry: ", name_, " answers again, after ",
                 seconds_text(std::chrono::duration_cast<milliseconds>(now - out_since_))));
  tries_ = 0;
  probing_ = false;
  time_ = milliseconds(0);
  round_++;
}

void Breaker::returned(Leave leave) {
  if (leave == round_) probing_ = false;
}

void Breaker::failed(Leave leave, WallTime now, milliseconds first_pause,
                     const std::string& problem) {
  if (leave == round_) pause(now, pause_after(tries_ + 1, first_pause), problem);
}

void Breaker::puzzled(Leave leave, WallTime now, milliseconds first_pause,
                      const std::string& problem) {
  if (leave != round_) return;
  if (++puzzles_ >= most_puzzles || tries_ > 0) failed(leave, now, first_pause, problem);
}

void Breaker::sent_away(Leave leave, WallTime now, milliseconds time) {
  if (leave == round_)
    pause(now, std::clamp(time, milliseconds(1000), longest_absence), "it asked us to wait");
}

void Breaker::pause(WallTime now, milliseconds time, const std::string& problem) {
  if (tries_ == 0) {
    out_since_ = now;
    log_.warning(cat("registry: ", name_, " is not asked for ", seconds_text(time), ": ", problem));
  }
  tries_++;
  puzzles_ = 0;
  probing_ = false;
  since_ = now;
  time_ = time;
  problem_ = problem;
  obstacle_ = cat(name_, " is not asked until ", base::utc_text(now + time), ": ", problem);
  round_++;
}

bool Bucket::take(WallTime now, int a_second) {
  const std::chrono::duration<double> passed = now - since_;
  left_ = passed.count() < 0 ? left_ : std::min(most, left_ + passed.count() * a_second);
  since_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

}  // namespace facts
