// What a reload keeps: connections, lanes, queues. Lives as long as the daemon.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>

#include "cached/auth/hasher.h"
#include "cached/clients/redis.h"
#include "cached/config/options.h"
#include "cached/facts/inquiry.h"
#include "cached/stores/database.h"
#include "cached/stores/directory.h"
#include "cached/trail/trail.h"

namespace auth {

struct Services {
  Services(uv_loop_t* event_loop, const config::Options& options)
      : loop(event_loop),
        store(event_loop, options.database),
        uses(event_loop, options.database, "last uses"),
        directory(event_loop, options.ldap),
        hasher(event_loop, options.hash),
        redis(clients::make_redis(event_loop, options.redis)),
        network(event_loop, options, redis),
        trail(event_loop, options, redis) {}

  uv_loop_t* const loop;
  stores::Database store;
  stores::Database uses;  // reads the log table, which may be locked for long: no login needs that
  stores::Directory directory;
  Hasher hasher;
  const std::shared_ptr<clients::Redis> redis;  // null: there is none
  facts::Network network;
  trail::Trail trail;
  std::int64_t requests = 0;  // being answered
  base::log::Limited cannot_tell;
};

}  // namespace auth
