// A UNIX socket that listens: how it is made, who comes, and who that is.
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/socket.h>
#include <functional>
#include <memory>
#include <string>

#include "cached/base/log.h"
#include "cached/base/result.h"
#include "cached/loop/pipe.h"

namespace server {

inline constexpr int backlog = 1024;  // connections that the kernel keeps for us, at most

// A listening socket: the one systemd handed over (sd_listen_fds(3)), or a new one, mode 0660.
// Returns the descriptor.
base::Result<int> open_socket(const std::string& path, const std::string& group);

// A new one at the path, in place of what a daemon that is gone has left; `group` empty: our own.
// Refuses a world-writable directory and a path where another daemon answers.
base::Result<int> make_socket(const std::string& path, const std::string& group, mode_t mode);

// Who is at the other end (SO_PEERCRED).
struct Peer {
  ucred credentials{};
  bool known = false;
};
Peer peer_of(const loop::Pipe& pipe);
std::string name_of(const Peer& peer);  // for the log

class Listener {
 public:
  // `arrived` gets each connection.
  Listener(uv_loop_t* loop, std::function<void(std::unique_ptr<loop::Pipe>)> arrived);

  base::Status listen(int descriptor);
  void close() { handle_.reset(); }  // takes no more

 private:
  void accept();

  uv_loop_t* const loop_;
  const std::function<void(std::unique_ptr<loop::Pipe>)> arrived_;
  loop::Handle<uv_pipe_t> handle_;
  base::log::Limited refused_;
};

}  // namespace server
