// A redis-server of the test's own, behind a UNIX socket: the one that scripts/install-packages has
// unpacked.
// SPDX-License-Identifier: MIT

#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <string>

#include "cached/config/options.h"
#include "tests/stores/scratch.h"

namespace tests {

class RealRedis {
 public:
  static constexpr char program[] = "build/unpacked/redis-tools/usr/bin/redis-check-rdb";
  static bool is_there() { return access(program, X_OK) == 0; }  // it goes by its name what it is

  RealRedis() : child_(fork()) {
    if (child_ != 0) return;
    execl(program, "redis-server", "--port", "0", "--unixsocket", socket().c_str(), "--save", "",
          "--maxmemory-policy", "noeviction", "--logfile", "/dev/null", nullptr);
    _exit(1);
  }
  RealRedis(const RealRedis&) = delete;
  RealRedis& operator=(const RealRedis&) = delete;
  ~RealRedis() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }

  void freeze() const { kill(child_, SIGSTOP); }
  void thaw() const { kill(child_, SIGCONT); }

  decltype(config::Options::redis) options() const {
    auto options = config::default_options().redis;
    options.server = socket();
    return options;
  }

 private:
  std::string socket() const { return scratch_.directory + "/redis.sock"; }

  const Scratch scratch_;
  const pid_t child_;
};

}  // namespace tests
