// See lane.h.
// SPDX-License-Identifier: MIT

#include "cached/loop/lane.h"

#include <pthread.h>
#include <sys/resource.h>
#include <algorithm>
#include <utility>

#include "cached/base/check.h"

namespace loop {

Lane::Lane(uv_loop_t* loop, std::string name, const LaneLimits& limits)
    : name_(std::move(name)),
      limits_(limits),
      finished_(loop, this, [](void* self) { static_cast<Lane*>(self)->collect(); }),
      clock_(new_timer(loop)),
      turn_(new uv_prepare_t) {
  clock_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(clock_.get()));
  uv_prepare_init(loop, turn_.get());
  turn_->data = this;
  for (std::size_t i = 0; i < limits_.threads; i++) threads_.emplace_back([this] { work(); });
}

Lane::~Lane() {
  {
    const std::scoped_lock lock(mutex_);
    base::check(jobs_ == 0, "a lane is given up with jobs in it");
    leaving_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Lane::enter(Waiting& waiting) {
  if (jobs_ >= limits_.queue + limits_.threads) return false;
  const auto end_turn = [](uv_prepare_t* handle) {
    static_cast<Lane*>(handle->data)->queue_entered();
  };
  waiting.since = Clock::now();
  if (entered_.empty()) uv_prepare_start(turn_.get(), end_turn);
  entered_.push_back(&waiting);
  if (jobs_++ == 0) finished_.keep_loop(true);
  if (jobs_ > limits_.threads && !uv_is_active(reinterpret_cast<uv_handle_t*>(clock_.get()))) {
    const auto tick = [](uv_timer_t* clock) { static_cast<Lane*>(clock->data)->give_up_old(); };
    const auto period = std::max<std::int64_t>(limits_.longest_wait.count() / 4, 1);
    uv_timer_start(clock_.get(), tick, static_cast<std::uint64_t>(period),
                   static_cast<std::uint64_t>(period));
  }
  return true;
}

// Once for all that entered in this turn of the loop: to take the lock and to wake a thread costs
// more than most queries do, and a thread that is awake takes the next job by itself.
void Lane::queue_entered() {
  uv_prepare_stop(turn_.get());
  {
    const std::scoped_lock lock(mutex_);
    for (Waiting* job : entered_) queue_.push(job->turn, job);
  }
  for (std::size_t i = 0; i < std::min(entered_.size(), limits_.threads); i++) wake_.notify_one();
  entered_.clear();
}

// Those that have waited too long, also while all threads are stuck.
void Lane::give_up_old() {
  const auto now = Clock::now();
  {
    const std::scoped_lock lock(mutex_);
    queue_.remove([&](const Waiting* job) { return now - job->since > limits_.longest_wait; },
                  [&](Waiting* job) { done_.push_back(job); });
    if (queue_.empty() && entered_.empty()) uv_timer_stop(clock_.get());
  }
  collect();
}

bool Lane::next_fits() const {
  return !queue_.empty() &&
         (inside_ == 0 || queue_.front()->cost <= limits_.capacity - cost_inside_);
}

bool Lane::hand_in(Waiting& done) {
  done_.push_back(&done);
  return done_.size() == 1;  // otherwise it has been sent
}

void Lane::work() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  if (limits_.niceness) setpriority(PRIO_PROCESS, 0, limits_.niceness);  // of this thread, in Linux
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return leaving_ || next_fits(); });
    if (leaving_) return;
    Waiting& job = *queue_.pop();
    if (Clock::now() - job.since <= limits_.longest_wait) perform(job, lock);
    const bool send = hand_in(job);  // from here on it may be gone
    if (!send) continue;
    lock.unlock();
    finished_.send();
    lock.lock();
  }
}

void Lane::perform(Waiting& job, std::unique_lock<std::mutex>& lock) {
  inside_++;
  cost_inside_ += job.cost;
  lock.unlock();
  job.perform();
  lock.lock();
  job.ran = true;
  inside_--;
  cost_inside_ -= job.cost;
  if (job.cost) wake_.notify_all();  // there is room for what did not fit
}

void Lane::collect() {
  std::vector<Waiting*> done;
  {
    const std::scoped_lock lock(mutex_);
    done.swap(done_);
  }
  jobs_ -= done.size();
  if (jobs_ == 0) finished_.keep_loop(false);
  for (const Waiting* waiting : done) waiting->waiter.resume();
}

}  // namespace loop
