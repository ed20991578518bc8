// See pipe.h. Reading stays switched on between lines, so that an end of file is seen early and
// the loop needs no extra system calls; a full buffer switches it off.
// SPDX-License-Identifier: MIT

#include "cached/loop/pipe.h"

#include <algorithm>
#include <cstring>

namespace loop {

// Waits until something arrived, the peer is gone, or the time is over.
struct Pipe::Arrival {
  Pipe& pipe;
  std::chrono::milliseconds time;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    pipe.waiter_ = waiter;
    if (uv_is_active(reinterpret_cast<uv_handle_t*>(pipe.timer_.get()))) return;
    const auto expire = [](uv_timer_t* timer) { static_cast<Pipe*>(timer->data)->wake(true); };
    uv_timer_start(pipe.timer_.get(), expire, static_cast<std::uint64_t>(time.count()), 0);
  }
  void await_resume() const {}
};

// Waits until libuv has written what try_write could not.
struct Pipe::Written {
  Pipe& pipe;
  std::string_view bytes;
  std::chrono::milliseconds time;
  uv_write_t request{};
  int status = 0;
  std::coroutine_handle<> waiter{};

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    waiter = handle;
    request.data = this;
    uv_buf_t buffer =
        uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
    const auto done = [](uv_write_t* finished, int result) {
      auto& written = *static_cast<Written*>(finished->data);
      uv_timer_stop(written.pipe.timer_.get());
      written.status = result;
      written.waiter.resume();
    };
    auto* stream = reinterpret_cast<uv_stream_t*>(pipe.pipe_.get());
    status = uv_write(&request, stream, &buffer, 1, done);
    if (status < 0) return false;
    // Out of time: closing makes libuv call `done` with UV_ECANCELED.
    const auto expire = [](uv_timer_t* timer) { static_cast<Pipe*>(timer->data)->pipe_.reset(); };
    uv_timer_start(pipe.timer_.get(), expire, static_cast<std::uint64_t>(time.count()), 0);
    return true;
  }
  bool await_resume() const { return status == 0; }
};

Pipe::Pipe(uv_loop_t* loop) : pipe_(new uv_pipe_t), timer_(new_timer(loop)) {
  uv_pipe_init(loop, pipe_.get(), 0);
  pipe_->data = this;
  timer_->data = this;
}

bool Pipe::accept(uv_stream_t* listener) {
  return uv_accept(listener, reinterpret_cast<uv_stream_t*>(pipe_.get())) == 0;
}

int Pipe::descriptor() const {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<uv_handle_t*>(pipe_.get()), &fd);
  return fd;
}

Task<Pipe::Line> Pipe::next_line(std::size_t limit, std::chrono::milliseconds time) {
  consume();
  timed_out_ = false;
  Line line{Event::closed};
  for (start_reading(); !find_line(std::min(limit, capacity), line); start_reading()) {
    Arrival arrival{*this, std::min(time, longest_wait_)};
    co_await arrival;
  }
  uv_timer_stop(timer_.get());
  co_return line;
}

// True when there is something to tell the caller.
bool Pipe::find_line(std::size_t limit, Line& line) {
  char* from = buffer_.data + searched_;
  const auto* lf = static_cast<char*>(std::memchr(from, '\n', size_ - searched_));
  searched_ = size_;
  const std::size_t length = lf ? static_cast<std::size_t>(lf - buffer_.data) + 1 : size_;
  if (length > limit || (!lf && length == limit)) {
    line.event = Event::too_long;
  } else if (lf) {
    consumed_ = length;
    line = {Event::line, buffer_.data, length - 1};
  } else if (ended_ || !pipe_) {
    line.event = Event::closed;
  } else if (timed_out_) {
    line.event = Event::timeout;
  } else {
    return false;
  }
  return true;
}

void Pipe::consume() {
  if (!consumed_) return;
  const std::size_t rest = size_ - consumed_;
  std::memmove(buffer_.data, buffer_.data + consumed_, rest);
  explicit_bzero(buffer_.data + rest, size_ - rest);
  size_ = rest;
  consumed_ = searched_ = 0;
}

Task<bool> Pipe::write(std::string_view bytes, std::chrono::milliseconds time) {
  if (!pipe_) co_return false;
  uv_buf_t buffer =
      uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
  const int written = uv_try_write(reinterpret_cast<uv_stream_t*>(pipe_.get()), &buffer, 1);
  if (written < 0 && written != UV_EAGAIN) co_return false;
  if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  if (bytes.empty()) co_return true;
  Written rest{*this, bytes, time};
  const bool whole = co_await rest;
  co_return whole;
}

void Pipe::hurry(std::chrono::milliseconds time) {
  longest_wait_ = time;
  if (!waiter_) return;
  uv_timer_start(timer_.get(), timer_->timer_cb, static_cast<std::uint64_t>(time.count()), 0);
}

void Pipe::start_reading() {
  if (reading_ || ended_ || !pipe_ || size_ == capacity) return;
  const auto room = [](uv_handle_t* handle, std::size_t, uv_buf_t* out) {
    auto& pipe = *static_cast<Pipe*>(handle->data);
    *out =
        uv_buf_init(pipe.buffer_.data + pipe.size_, static_cast<unsigned>(capacity - pipe.size_));
  };
  const auto got = [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
    static_cast<Pipe*>(stream->data)->received(count);
  };
  reading_ = uv_read_start(reinterpret_cast<uv_stream_t*>(pipe_.get()), room, got) == 0;
  if (!reading_) ended_ = true;
}

void Pipe::stop_reading() {
  if (reading_) uv_read_stop(reinterpret_cast<uv_stream_t*>(pipe_.get()));
  reading_ = false;
}

void Pipe::received(ssize_t count) {
  if (count == 0) return;  // libuv's EAGAIN
  if (count > 0) size_ += static_cast<std::size_t>(count);
  if (count < 0) ended_ = true;
  if (ended_ || size_ == capacity) stop_reading();
  wake(false);
}

void Pipe::wake(bool timed_out) {
  timed_out_ = timed_out;
  if (waiter_) std::exchange(waiter_, nullptr).resume();
}

}  // namespace loop
