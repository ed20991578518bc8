// The door: accepts connections on the UNIX socket, looks who is there, and serves their requests
// in order. Knows checkpass-wire(7) and nothing of passwords.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <set>
#include <string>

#include "cached/auth/services.h"
#include "cached/auth/snapshot.h"
#include "cached/base/log.h"
#include "cached/base/verdict.h"
#include "cached/loop/pipe.h"

namespace server {

// A listening socket: the one systemd handed over (sd_listen_fds(3)), or a new one at the
// configured path, mode 0660. Refuses a world-writable directory and a path where another daemon
// answers. Returns the descriptor.
inline constexpr int backlog = 1024;  // connections that the kernel keeps for us, at most

base::Result<int> open_socket(const std::string& path, const std::string& group);

class Server {
 public:
  // `now` is the daemon's current snapshot; each request takes what it is at its time.
  Server(auth::Services& services, const std::shared_ptr<const auth::Snapshot>& now);

  base::Status listen(int descriptor);

  // Takes no more connections; those that are there are served once more at most.
  void stop();
  std::size_t connections() const { return connections_.size(); }

 private:
  void accept();
  std::string refusal(const loop::Pipe& pipe);
  loop::Task<void> serve(std::unique_ptr<loop::Pipe> pipe);
  loop::Task<bool> serve_line(loop::Pipe& pipe, loop::Pipe::Line line);
  loop::Task<void> turn_away(std::unique_ptr<loop::Pipe> pipe, std::string reason);
  loop::Task<void> send_away(loop::Pipe& pipe, const std::string& reason);
  loop::Task<bool> reply(loop::Pipe& pipe, const base::Verdict& verdict);

  auth::Services& services_;
  const std::shared_ptr<const auth::Snapshot>& now_;
  loop::Handle<uv_pipe_t> listener_;
  std::set<loop::Pipe*> connections_;
  bool stopping_ = false;
  base::log::Limited refused_;
  base::log::Limited bad_lines_;
};

}  // namespace server
