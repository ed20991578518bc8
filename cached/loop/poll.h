// Watches a socket that a library made and will close: the library has to read and write itself.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>

#include "cached/base/check.h"
#include "cached/loop/handle.h"

namespace loop {

class Poll {
 public:
  // `ready` is called on the loop. It may destroy the Poll. The descriptor is closed after it.
  using Ready = void (*)(void* data, int descriptor, bool readable, bool writable);
  Poll(uv_loop_t* loop, int descriptor, void* data, Ready ready)
      : descriptor_(descriptor), data_(data), ready_(ready), poll_(new uv_poll_t) {
    base::check(uv_poll_init(loop, poll_.get(), descriptor) == 0, "uv_poll_init");
    poll_->data = this;
  }
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  // What to wait for from now on.
  void watch(bool readable, bool writable) {
    const int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    const auto happened = [](uv_poll_t* handle, int status, int seen) {
      auto& self = *static_cast<Poll*>(handle->data);
      // An error of the socket stops the handle, and is the library's to fetch, by read or write.
      if (status < 0) uv_poll_start(handle, self.events_, handle->poll_cb);
      const int what = status < 0 ? self.events_ : seen;
      self.ready_(self.data_, self.descriptor_, what & UV_READABLE, what & UV_WRITABLE);
    };
    events_ = events;
    base::check(uv_poll_start(poll_.get(), events, happened) == 0, "uv_poll_start");
  }

 private:
  const int descriptor_;
  void* const data_;
  const Ready ready_;
  int events_ = 0;
  Handle<uv_poll_t> poll_;
};

}  // namespace loop
