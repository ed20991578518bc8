// A lane to the thread pool for blocking work: so many jobs inside, so many queued, the rest are
// told at once. Work of one kind (database, hashing) has a lane of its own, so that none can take
// all threads.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <coroutine>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cached/base/check.h"
#include "cached/base/result.h"
#include "cached/loop/handle.h"
#include "cached/loop/task.h"

namespace loop {

class Lane {
 public:
  // `longest_wait`: a job that has not come inside by then is given up, when its turn comes.
  Lane(uv_loop_t* loop, std::string name, std::size_t width, std::size_t queue_limit,
       std::chrono::milliseconds longest_wait)
      : loop_(loop),
        name_(std::move(name)),
        queue_limit_(queue_limit),
        longest_wait_(longest_wait),
        workers_(width),
        finished_(new uv_async_t) {
    const auto collect = [](uv_async_t* handle) { static_cast<Lane*>(handle->data)->collect(); };
    base::check(uv_async_init(loop, finished_.get(), collect) == 0, "uv_async_init");
    finished_->data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(finished_.get()));  // jobs keep the loop, not this
    for (Worker& worker : workers_) {
      worker.lane = this;
      worker.work.data = &worker;
    }
  }
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

  std::size_t inside() const {
    std::size_t count = 0;
    for (const Worker& worker : workers_) count += worker.busy;
    return count;
  }
  std::size_t queued() {
    const std::scoped_lock lock(mutex_);
    return queue_.size();
  }

 private:
  using Clock = std::chrono::steady_clock;

  // One job, in the frame of the coroutine that waits for it.
  struct Waiting {
    Lane& lane;
    Clock::time_point since{};
    std::coroutine_handle<> waiter{};
    bool ran = false;

    explicit Waiting(Lane& l) : lane(l) {}
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

  // A pool thread while it works for this lane. It takes the lane's next job itself: waking threads
  // costs more than most jobs.
  struct Worker {
    Lane* lane = nullptr;
    uv_work_t work{};
    Waiting* first = nullptr;
    bool busy = false;  // loop thread only
  };

  // False: no room, the coroutine goes on at once.
  bool enter(Waiting& waiting) {
    for (Worker& worker : workers_) {
      if (worker.busy) continue;
      start(worker, waiting);
      return true;
    }
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= queue_limit_) return false;
    waiting.since = Clock::now();
    queue_.push_back(&waiting);
    return true;
  }

  void start(Worker& worker, Waiting& first) {
    worker.first = &first;
    worker.busy = true;
    const auto perform = [](uv_work_t* work) {
      const auto& self = *static_cast<Worker*>(work->data);
      for (Waiting* job = self.first; job;) {
        job->perform();
        job->ran = true;
        job = self.lane->exchange(*job);
      }
    };
    const auto ended = [](uv_work_t* work, int) {
      auto& self = *static_cast<Worker*>(work->data);
      self.lane->end(self);
    };
    base::check(uv_queue_work(loop_, &worker.work, perform, ended) == 0, "uv_queue_work");
  }

  // On a pool thread: hands in what is done and takes what is next; null: nothing is.
  Waiting* exchange(Waiting& done) {
    const std::scoped_lock lock(mutex_);
    done_.push_back(&done);
    Waiting* next = take_next();
    if (next) uv_async_send(finished_.get());  // otherwise end() comes at once
    return next;
  }

  // With the mutex held. What has waited too long is done, without having run.
  Waiting* take_next() {
    while (!queue_.empty()) {
      Waiting* next = queue_.front();
      queue_.pop_front();
      if (Clock::now() - next->since <= longest_wait_) return next;
      done_.push_back(next);
    }
    return nullptr;
  }

  // A worker has left. What was queued since it last looked is its successor's.
  void end(Worker& worker) {
    worker.busy = false;
    Waiting* next;
    {
      const std::scoped_lock lock(mutex_);
      next = take_next();
    }
    if (next) start(worker, *next);
    collect();
  }

  // Lets those go on whose jobs are done.
  void collect() {
    std::vector<Waiting*> done;
    {
      const std::scoped_lock lock(mutex_);
      done.swap(done_);
    }
    for (const Waiting* waiting : done) waiting->waiter.resume();
  }

  uv_loop_t* const loop_;
  const std::string name_;
  const std::size_t queue_limit_;
  const std::chrono::milliseconds longest_wait_;
  std::vector<Worker> workers_;  // never resized: libuv has their addresses
  Handle<uv_async_t> finished_;
  std::mutex mutex_;  // for the two that pool threads touch
  std::deque<Waiting*> queue_;
  std::vector<Waiting*> done_;
};

}  // namespace loop
