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
#include "cached/server/listener.h"

namespace server {

class Server {
 public:
  // `now` is the daemon's current snapshot; each request takes what it is at its time.
  Server(auth::Services& services, const std::shared_ptr<const auth::Snapshot>& now);

  // A listening descriptor (open_socket).
  base::Status listen(int descriptor) { return listener_.listen(descriptor); }

  // Takes no more connections; those that are there are served once more at most.
  void stop();
  std::size_t connections() const { return connections_.size(); }

 private:
  void admit(std::unique_ptr<loop::Pipe> pipe);
  std::string refusal(const loop::Pipe& pipe);
  loop::Task<void> serve(std::unique_ptr<loop::Pipe> pipe);
  loop::Task<bool> serve_line(loop::Pipe& pipe, loop::Pipe::Line line);
  loop::Task<void> turn_away(std::unique_ptr<loop::Pipe> pipe, std::string reason);
  loop::Task<void> send_away(loop::Pipe& pipe, const std::string& reason);
  loop::Task<bool> reply(loop::Pipe& pipe, const base::Verdict& verdict);

  auth::Services& services_;
  const std::shared_ptr<const auth::Snapshot>& now_;
  Listener listener_;
  std::set<loop::Pipe*> connections_;
  bool stopping_ = false;
  base::log::Limited refused_;
  base::log::Limited bad_lines_;
};

}  // namespace server
