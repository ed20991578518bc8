// So many questions at a time to one who is asked; the others wait for their turn, but not for
// long, and no more of them than so many.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <utility>

namespace facts {

class Gate {
 public:
  // In the frame of the coroutine that wants to ask: `co_await place;`. It is inside until the
  // place goes, where has_entered().
  class Place {
   public:
    // Who is `waited_for` waits in the order of arrival, for `time` or, as that is looked at only
    // when somebody leaves, until then. Who is not goes in at once, where there is much room.
    Place(Gate& gate, std::chrono::milliseconds time, bool is_waited_for)
        : gate_(gate), until_(Clock::now() + time), is_waited_for_(is_waited_for) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (has_entered_) gate_.leave();
    }

    bool has_entered() const { return has_entered_; }

    bool await_ready() {
      has_entered_ = gate_.free_ > (is_waited_for_ ? 0 : gate_.kept_free_);
      gate_.free_ -= has_entered_;
      return has_entered_ || !is_waited_for_ || gate_.waiting_.size() >= gate_.most_waiting_;
    }
    void await_suspend(std::coroutine_handle<> waiter) {
      waiter_ = waiter;
      gate_.waiting_.push_back(this);
    }
    void await_resume() const {}

   private:
    friend Gate;
    Gate& gate_;
    const std::chrono::steady_clock::time_point until_;
    const bool is_waited_for_;
    bool has_entered_ = false;
    std::coroutine_handle<> waiter_;
  };

  Gate(std::size_t places, std::size_t most_waiting)
      : most_waiting_(most_waiting), kept_free_(places / 4), free_(places) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  // Whoever goes in may leave before this returns.
  void leave() {
    free_++;
    if (std::exchange(is_calling_, true)) return;
    const auto now = Clock::now();
    while (!waiting_.empty() && (free_ > 0 || waiting_.front()->until_ <= now)) {
      Place& next = *waiting_.front();
      waiting_.pop_front();
      next.has_entered_ = next.until_ > now;
      free_ -= next.has_entered_;
      next.waiter_.resume();
    }
    is_calling_ = false;
  }

  const std::size_t most_waiting_, kept_free_;
  std::size_t free_;
  std::deque<Place*> waiting_;
  bool is_calling_ = false;
};

}  // namespace facts
