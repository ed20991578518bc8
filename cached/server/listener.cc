// See listener.h; the sockets are made in socket.cc.
// SPDX-License-Identifier: MIT

#include "cached/server/listener.h"

#include "cached/base/text.h"

namespace server {

using base::cat;

Peer peer_of(const loop::Pipe& pipe) {
  Peer peer;
  socklen_t size = sizeof peer.credentials;
  peer.known =
      getsockopt(pipe.descriptor(), SOL_SOCKET, SO_PEERCRED, &peer.credentials, &size) == 0;
  return peer;
}

std::string name_of(const Peer& peer) {
  if (!peer.known) return "unknown peer";
  const auto& [pid, uid, gid] = peer.credentials;
  return cat("uid ", uid, ", gid ", gid, ", process ", pid);
}

Listener::Listener(uv_loop_t* loop, std::function<void(std::unique_ptr<loop::Pipe>)> arrived)
    : loop_(loop), arrived_(std::move(arrived)), handle_(new uv_pipe_t) {
  uv_pipe_init(loop, handle_.get(), 0);
  handle_->data = this;
}

base::Status Listener::listen(int descriptor) {
  const auto arrived = [](uv_stream_t* stream, int status) {
    auto& self = *static_cast<Listener*>(stream->data);
    if (status == 0)
      self.accept();
    else
      self.refused_.warning(cat("cannot accept a connection: ", uv_strerror(status)));
  };
  int result = uv_pipe_open(handle_.get(), descriptor);
  if (result == 0)
    result = uv_listen(reinterpret_cast<uv_stream_t*>(handle_.get()), backlog, arrived);
  if (result != 0) return base::Error{cat("cannot listen: ", uv_strerror(result))};
  return base::Done{};
}

void Listener::accept() {
  auto pipe = std::make_unique<loop::Pipe>(loop_);
  if (pipe->accept(reinterpret_cast<uv_stream_t*>(handle_.get()))) arrived_(std::move(pipe));
}

}  // namespace server
