// See log_writer.h.
// SPDX-License-Identifier: MIT

#include "cached/base/log_writer.h"

#include "cached/base/thread.h"

namespace base::log {

bool Writer::put(Line& line) {
  const std::lock_guard lock(mutex_);
  if (leaving_ || waiting_.size() >= most_waiting_) return false;
  if (!running_) running_ = start_thread([this] { run(); });
  if (!running_) return false;
  waiting_.push_back(std::move(line));
  changed_.notify_all();
  return true;
}

std::deque<Line> Writer::leave(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  leaving_ = true;
  changed_.wait_for(lock, limit, [this] { return waiting_.empty(); });
  return waiting_;  // copied: the first one may still be in use
}

void Writer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty(); });
    const Line& line = waiting_.front();  // put() moves no other than those it adds
    lock.unlock();
    send_(line);
    lock.lock();
    waiting_.pop_front();
    changed_.notify_all();
  }
}

}  // namespace base::log
