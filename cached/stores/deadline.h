// A time by which the reading and writing on a socket has ended, however little comes at a time.
// The client libraries' own limits are for each read, if that.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>

namespace stores {

class Deadline {
 public:
  // From now on.
  void start(std::chrono::milliseconds time);
  void restart() { start(time_); }

  bool has_passed() const { return Clock::now() >= end_; }
  std::chrono::milliseconds time() const { return time_; }

  // Until one of the events, of poll(2), is there. False: the deadline has passed, or poll(2)
  // fails; errno says which. What can be written at once is written even then: a late good-bye.
  bool wait(int socket, short events) const;

 private:
  using Clock = std::chrono::steady_clock;

  std::chrono::milliseconds time_{};
  Clock::time_point end_{};
};

}  // namespace stores
