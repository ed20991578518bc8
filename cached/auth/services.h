// What a reload keeps: connections, lanes, queues. Lives as long as the daemon.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>

#include "cached/auth/hasher.h"
#include "cached/config/options.h"
#include "cached/facts/inquiry.h"
#include "cached/stores/database.h"
#include "cached/stores/directory.h"
#include "cached/trail/recorder.h"

namespace auth {

struct Services {
  Services(uv_loop_t* event_loop, const config::Options& options)
      : loop(event_loop),
        store(event_loop, options.database),
        directory(event_loop, options.ldap),
        hasher(event_loop, options.hash),
        network(event_loop, options),
        recorder(event_loop, store, recorder_settings(options)) {}

  static trail::Recorder::Settings recorder_settings(const config::Options& options) {
    const auto& audit = options.audit;
    return {static_cast<std::size_t>(options.database.log_queue),
            static_cast<std::size_t>(audit.log_repeats),
            {audit.spool, audit.spool_sync, audit.spool_rows, audit.spool_time, audit.spool_buffer,
             audit.spool_delay},
            options.redis};
  }

  uv_loop_t* const loop;
  stores::Database store;
  stores::Directory directory;
  Hasher hasher;
  facts::Network network;
  trail::Recorder recorder;
  std::int64_t requests = 0;  // being answered
  base::log::Limited cannot_tell;
};

}  // namespace auth
