// A lane to the thread pool for blocking work: so many jobs inside, so many queued, the rest are
// told at once. Work of one kind (database, hashing) has a lane of its own, so that none can take
// all threads.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <coroutine>
#include <deque>
#include <optional>
#include <string>

#include "cached/base/check.h"
#include "cached/base/result.h"
#include "cached/loop/task.h"

namespace loop {

class Lane {
 public:
  // `longest_wait`: a job that has not come inside by then is given up.
  Lane(uv_loop_t* loop, std::string name, std::size_t width, std::size_t queue_limit,
       std::chrono::milliseconds longest_wait)
      : loop_(loop),
        name_(std::move(name)),
        width_(width),
        queue_limit_(queue_limit),
        longest_wait_(longest_wait) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Runs `job` on a pool thread and returns what it returned, or an error when the lane is full.
  // The job touches only what it was given, and that must outlive the await.
  template <class Job, class T = decltype(std::declval<Job&>()())>
  Task<base::Result<T>> run(Job& job) {
    Ticket<Job, T> ticket(*this, job);
    const bool ran = co_await ticket;
    if (ran) co_return std::move(*ticket.result);
    co_return base::Error{"the " + name_ + " lane has no room in time"};
  }

  std::size_t inside() const { return inside_; }
  std::size_t queued() const { return queue_.size(); }

 private:
  using Clock = std::chrono::steady_clock;

  // One job, in the frame of the coroutine that waits for it.
  struct Waiting {
    Lane& lane;
    uv_work_t work{};
    Clock::time_point since{};
    std::coroutine_handle<> waiter{};
    bool ran = false;

    explicit Waiting(Lane& l) : lane(l) { work.data = this; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    virtual ~Waiting() = default;
    virtual void perform() = 0;

    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> handle) {
      waiter = handle;
      return lane.enter(*this);
    }
    bool await_resume() const { return ran; }
  };

  template <class Job, class T>
  struct Ticket final : Waiting {
    Job& job;
    std::optional<T> result;
    Ticket(Lane& l, Job& j) : Waiting(l), job(j) {}
    void perform() override { result.emplace(job()); }
  };

  // False: no room, the coroutine goes on at once.
  bool enter(Waiting& waiting) {
    if (inside_ < width_) {
      start(waiting);
      return true;
    }
    if (queue_.size() >= queue_limit_) return false;
    waiting.since = Clock::now();
    queue_.push_back(&waiting);
    return true;
  }

  void start(Waiting& waiting) {
    inside_++;
    const auto perform = [](uv_work_t* work) { static_cast<Waiting*>(work->data)->perform(); };
    const auto done = [](uv_work_t* work, int) {
      auto& finished = *static_cast<Waiting*>(work->data);
      finished.ran = true;
      finished.lane.leave();
      finished.waiter.resume();
    };
    base::check(uv_queue_work(loop_, &waiting.work, perform, done) == 0, "uv_queue_work");
  }

  void leave() {
    inside_--;
    while (inside_ < width_ && !queue_.empty()) {
      Waiting& next = *queue_.front();
      queue_.pop_front();
      if (Clock::now() - next.since > longest_wait_)
        next.waiter.resume();  // given up
      else
        start(next);
    }
  }

  uv_loop_t* const loop_;
  const std::string name_;
  const std::size_t width_;
  const std::size_t queue_limit_;
  const std::chrono::milliseconds longest_wait_;
  std::size_t inside_ = 0;
  std::deque<Waiting*> queue_;
};

}  // namespace loop
