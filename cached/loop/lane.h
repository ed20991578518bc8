// A lane: threads for blocking work of one kind (database, directory, hashing), so that none can
// take another's. So many jobs inside, so many queued, the rest are told at once.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cached/base/result.h"
#include "cached/loop/handle.h"
#include "cached/loop/task.h"
#include "cached/loop/turns.h"
#include "cached/loop/wake.h"

namespace loop {

struct LaneLimits {
  std::size_t threads = 1;
  std::size_t queue = 0;
  // A job that has not come inside by then is given up, within a quarter of it more.
  std::chrono::milliseconds longest_wait{};
  // What the jobs inside may cost together; one that costs more runs alone.
  std::int64_t capacity = INT64_MAX;
  int niceness = 0;  // of the threads, as nice(1) has it
};

class Lane {
 public:
  // `name` is for messages and for the threads.
  Lane(uv_loop_t* loop, std::string name, const LaneLimits& limits);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane();  // nobody may be waiting any more

  // Runs `job` on a thread of the lane and returns what it returned, or an error when the lane is
  // full. The job touches only what it was given, and that must outlive the await. `cost` is of
  // the capacity.
  template <class Job, class T = decltype(std::declval<Job&>()())>
  Task<base::Result<T>> run(Job& job, Turn turn, std::int64_t cost) {
    Ticket<Job, T> ticket(*this, job, turn, cost);
    const bool ran = co_await ticket;
    if (ran) co_return std::move(*ticket.result);
    co_return base::Error{"the " + name_ + " lane has no room in time"};
  }

  // The same where all are equal.
  template <class Job>
  auto run(Job& job) {
    return run(job, Turn(), 0);
  }

  std::size_t jobs() const { return jobs_; }  // inside and queued

 private:
  using Clock = std::chrono::steady_clock;

  // One job, in the frame of the coroutine that waits for it.
  struct Waiting {
    Lane& lane;
    const Turn turn;
    const std::int64_t cost;
    Clock::time_point since{};
    std::coroutine_handle<> waiter{};
    bool ran = false;

    Waiting(Lane& l, Turn t, std::int64_t c) : lane(l), turn(t), cost(c) {}
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
    Ticket(Lane& l, Job& j, Turn t, std::int64_t c) : Waiting(l, t, c), job(j) {}
    void perform() override { result.emplace(job()); }
  };

  bool enter(Waiting& waiting);  // false: no room, the coroutine goes on at once
  void queue_entered();
  void work();  // what a thread does
  void perform(Waiting& job, std::unique_lock<std::mutex>& lock);
  bool next_fits() const;
  bool hand_in(Waiting& done);  // true: finished_ is to be sent, without the lock
  void give_up_old();
  void collect();  // lets those go on whose jobs are done

  const std::string name_;
  const LaneLimits limits_;
  Wake finished_;
  Handle<uv_timer_t> clock_;       // runs while something is queued
  Handle<uv_prepare_t> turn_;      // runs once, before the loop sleeps, when something has entered
  std::vector<Waiting*> entered_;  // in this turn of the loop
  std::size_t jobs_ = 0;           // loop thread only

  std::mutex mutex_;  // for all below
  std::condition_variable wake_;
  Turns<Waiting*> queue_;
  std::vector<Waiting*> done_;
  std::size_t inside_ = 0;
  std::int64_t cost_inside_ = 0;
  bool leaving_ = false;
  std::vector<std::thread> threads_;  // the last: they use the others
};

}  // namespace loop
