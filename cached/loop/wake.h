// Wakes the loop from another thread: an eventfd(2). Not uv_async: libuv 1.44 lets the loop spin
// with sched_yield(2) while a sender has been preempted in uv_async_send(), which puts it behind
// every thread that hashes.
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include "cached/base/check.h"
#include "cached/loop/handle.h"

namespace loop {

class Wake {
 public:
  // `woken` is called on the loop, once for any number of send(). It does not keep the loop until
  // keep_loop().
  Wake(uv_loop_t* loop, void* data, void (*woken)(void* data))
      : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        data_(data),
        woken_(woken),
        poll_(new uv_poll_t) {
    base::check(event_ >= 0, "eventfd");
    base::check(uv_poll_init(loop, poll_.get(), event_) == 0, "uv_poll_init");
    poll_->data = this;
    const auto readable = [](uv_poll_t* handle, int, int) {
      auto& self = *static_cast<Wake*>(handle->data);
      eventfd_t count;
      if (eventfd_read(self.event_, &count) == 0) self.woken_(self.data_);
    };
    base::check(uv_poll_start(poll_.get(), UV_READABLE, readable) == 0, "uv_poll_start");
    keep_loop(false);
  }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  ~Wake() {
    poll_.reset();
    close(event_);
  }

  void send() { eventfd_write(event_, 1); }  // any thread

  void keep_loop(bool keep) {
    auto* handle = reinterpret_cast<uv_handle_t*>(poll_.get());
    keep ? uv_ref(handle) : uv_unref(handle);
  }

 private:
  const int event_;
  void* const data_;
  void (*const woken_)(void*);
  Handle<uv_poll_t> poll_;
};

}  // namespace loop
