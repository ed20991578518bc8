// Ownership of libuv handles: uv_close is asynchronous, so the memory goes when its callback runs.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <memory>

namespace loop {

struct Close {
  template <class H>
  void operator()(H* handle) const {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<H*>(closed); });
  }
};

// Must have been initialised by its uv_*_init. Its `data` must not be used after the owner is gone:
// libuv calls no callback but the closing one by then.
template <class H>
using Handle = std::unique_ptr<H, Close>;

inline Handle<uv_timer_t> new_timer(uv_loop_t* loop) {
  Handle<uv_timer_t> timer(new uv_timer_t);
  uv_timer_init(loop, timer.get());
  return timer;
}

}  // namespace loop
