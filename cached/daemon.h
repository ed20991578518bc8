// The daemon: from options to a running loop, and what signals do to it.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cached/auth/services.h"
#include "cached/auth/snapshot.h"
#include "cached/loop/event.h"
#include "cached/server/control.h"
#include "cached/server/server.h"

class Daemon {
 public:
  Daemon(uv_loop_t* loop, std::string config_path, std::shared_ptr<const auth::Snapshot> now);

  // Listening descriptors (server::open_socket); `control` may be -1: there is none.
  base::Status listen(int socket, int control);

  // Tells systemd, runs until SIGTERM or SIGINT and what was in flight then has ended. The exit
  // code.
  int run();

 private:
  void on_signal(int signal, void (Daemon::*act)());
  void start_watchdog();
  void reload();
  void stop();
  loop::Task<void> rehearse();

  // One reading of all files, for whoever asked for it before it began.
  struct Reload {
    server::Reply outcome;
    loop::Event over;
  };
  std::shared_ptr<Reload> next_reload();
  loop::Task<server::Reply> reload_and_tell();
  loop::Task<void> run_reloads();
  loop::Task<server::Reply> load_snapshot();
  server::Reply take_over(std::shared_ptr<const auth::Snapshot> loaded);
  void bury(std::shared_ptr<const auth::Snapshot> old);
  loop::Task<void> free_buried();

  loop::Task<server::Reply> status();
  loop::Task<server::Reply> explain(server::Arguments words);
  loop::Task<server::Reply> cache(server::Arguments words);

  loop::Task<void> drain();
  loop::Task<bool> wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit);

  uv_loop_t* const loop_;
  const std::string config_path_;
  std::shared_ptr<const auth::Snapshot> now_;
  const config::File started_with_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  auth::Services services_;
  server::Server server_;
  server::Control control_;
  loop::Lane reload_lane_;
  std::shared_ptr<Reload> next_reload_;  // asked for, and not begun
  bool reloading_ = false;
  std::vector<std::shared_ptr<const auth::Snapshot>> buried_;  // that logins may still see
  bool burying_ = false;
  struct Signal {
    Daemon& daemon;
    void (Daemon::*act)();
    loop::Handle<uv_signal_t> handle;
  };
  std::vector<std::unique_ptr<Signal>> signals_;
  loop::Handle<uv_timer_t> watchdog_;
  bool stopping_ = false;
  bool rehearsing_ = false;
};
