// One accepted connection on a UNIX socket, read line by line and written whole, every wait with a
// limit. What was received is wiped as soon as it has been used: it may hold a password.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <coroutine>
#include <string_view>

#include "cached/loop/handle.h"
#include "cached/loop/task.h"
#include "common/wipe.h"

namespace loop {

class Pipe {
 public:
  static constexpr std::size_t capacity = 8192;

  enum class Event { line, closed, timeout, too_long };
  struct Line {
    Event event;
    char* data = nullptr;  // without the LF; valid, and the caller's to write to, until next_line()
    std::size_t size = 0;
  };

  explicit Pipe(uv_loop_t* loop);
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool accept(uv_stream_t* listener);  // to be called first; false when nobody is there any more
  int descriptor() const;

  // The next line; at most `limit` bytes with its LF, the whole of it within `time`.
  Task<Line> next_line(std::size_t limit, std::chrono::milliseconds time);

  // Writes all of it; false when the peer is gone or does not read within `time`.
  Task<bool> write(std::string_view bytes, std::chrono::milliseconds time);

  // From now on nobody waits longer than `time` for a line: what has been sent is still served.
  void hurry(std::chrono::milliseconds time);

 private:
  struct Arrival;
  struct Written;

  void consume();
  bool find_line(std::size_t limit, Line& line);
  void start_reading();
  void stop_reading();
  void received(ssize_t count);
  void wake(bool timed_out);

  Handle<uv_pipe_t> pipe_;
  Handle<uv_timer_t> timer_;
  common::Wiped<capacity> buffer_;
  std::size_t size_ = 0;      // bytes received
  std::size_t consumed_ = 0;  // bytes of the line handed out last, with its LF
  std::size_t searched_ = 0;  // bytes known to hold no LF
  std::chrono::milliseconds longest_wait_ = std::chrono::milliseconds::max();
  bool reading_ = false;
  bool ended_ = false;
  bool timed_out_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace loop
