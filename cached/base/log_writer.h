// Lines on their way to journald or syslog, in a thread of their own: whoever reads them slowly, or
// no longer, holds nobody up.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/log.h"

namespace base::log {

struct Line {
  Sink sink;
  Level level;
  std::string_view name;  // a literal of ours
  std::string text;
  std::vector<Field> fields{};
  Tagged tagged = Tagged::yes;
};

class Writer {
 public:
  // `send` writes one line, and may block.
  Writer(std::size_t most_waiting, void (*send)(const Line& line))
      : most_waiting_(most_waiting), send_(send) {}

  // Lines are sent in their order. False: too many are waiting, it has left, or has no thread. Any
  // thread.
  bool put(Line& line);

  // Waits until all are sent, but no longer than that. Those that are not, it gives back; the first
  // of them may be sent later all the same.
  std::deque<Line> leave(std::chrono::milliseconds limit);

 private:
  void run();

  const std::size_t most_waiting_;
  void (*const send_)(const Line& line);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Line> waiting_;  // the first one is being sent
  bool running_ = false;
  bool leaving_ = false;
};

}  // namespace base::log
