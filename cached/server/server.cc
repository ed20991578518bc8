// See server.h.
// SPDX-License-Identifier: MIT

#include "cached/server/server.h"

#include <chrono>

#include "cached/auth/authenticate.h"
#include "cached/base/text.h"
#include "cached/server/request.h"

namespace server {

using base::cat;
using loop::Pipe;
using loop::Task;

namespace {

// Told to stop, a connection still has this long to send what is already on its way.
constexpr std::chrono::milliseconds last_call{50};

base::Verdict later(std::string reason) { return {base::Answer::later, std::move(reason), {}, {}}; }

bool is_allowed(const Peer& peer, const auth::Snapshot& now) {
  if (now.allowed_users.empty() && now.allowed_groups.empty()) return true;
  return peer.known && (now.allowed_users.contains(peer.credentials.uid) ||
                        now.allowed_groups.contains(peer.credentials.gid));
}

}  // namespace

Server::Server(auth::Services& services, const std::shared_ptr<const auth::Snapshot>& now)
    : services_(services),
      now_(now),
      listener_(services.loop, [this](std::unique_ptr<Pipe> pipe) { admit(std::move(pipe)); }) {}

void Server::stop() {
  stopping_ = true;
  listener_.close();
  for (Pipe* pipe : connections_) pipe->hurry(last_call);
}

void Server::admit(std::unique_ptr<Pipe> pipe) {
  std::string reason = refusal(*pipe);
  if (reason.empty())
    loop::spawn(serve(std::move(pipe)));
  else
    loop::spawn(turn_away(std::move(pipe), std::move(reason)));
}

// Why this connection is not served; empty: it is.
std::string Server::refusal(const Pipe& pipe) {
  const auto limit = static_cast<std::size_t>(now_->options().limits.connections);
  if (connections_.size() >= limit) {
    refused_.warning("[limits] connections: too many, one more was refused");
    return "[limits] connections: too many";
  }
  const Peer peer = peer_of(pipe);
  if (is_allowed(peer, *now_)) return {};
  refused_.warning(cat("refused ", name_of(peer), ": not in [server] allow_users, allow_groups"));
  return "not in [server] allow_users, allow_groups";
}

Task<void> Server::turn_away(std::unique_ptr<Pipe> pipe, std::string reason) {
  co_await send_away(*pipe, reason);
}

// Says why, and waits for the peer to see it: closing at once, with bytes of it unread, would take
// the answer away again.
Task<void> Server::send_away(Pipe& pipe, const std::string& reason) {
  const base::Verdict verdict = later(reason);
  const bool written = co_await reply(pipe, verdict);
  if (!written) co_return;
  co_await pipe.next_line(Pipe::capacity, last_call);
}

Task<bool> Server::reply(Pipe& pipe, const base::Verdict& verdict) {
  const std::string line = reply_line(verdict);
  const auto time = now_->options().limits.idle_time;
  const bool written = co_await pipe.write(line, time);
  co_return written;
}

Task<void> Server::serve(std::unique_ptr<Pipe> pipe) {
  connections_.insert(pipe.get());
  for (bool more = true, last = false; more && !last;) {
    last = stopping_;
    const auto& limits = now_->options().limits;
    const auto length = static_cast<std::size_t>(limits.line_bytes);
    const auto time = limits.idle_time;
    const Pipe::Line line = co_await pipe->next_line(length, time);
    more = co_await serve_line(*pipe, line);
    if (stopping_) pipe->hurry(last_call);
  }
  connections_.erase(pipe.get());
}

// False: the connection is over.
Task<bool> Server::serve_line(Pipe& pipe, Pipe::Line line) {
  if (line.event == Pipe::Event::closed) co_return false;
  if (line.event == Pipe::Event::timeout) co_return false;
  if (line.event == Pipe::Event::too_long) {
    bad_lines_.warning(cat("[limits] line_bytes: a longer line from ", name_of(peer_of(pipe))));
    const std::string reason = "[limits] line_bytes: the line is too long";
    co_await send_away(pipe, reason);
    co_return false;
  }
  const auto login = parse_request(line.data, line.size);
  explicit_bzero(line.data, line.size);
  if (!login) {
    bad_lines_.warning(cat("bad request from ", name_of(peer_of(pipe)), ": ", login.error().text));
    const std::string& reason = login.error().text;
    co_await send_away(pipe, reason);
    co_return false;  // who knows where the next line begins
  }
  const base::Verdict verdict = co_await auth::answer(services_, now_, *login);
  const bool written = co_await reply(pipe, verdict);
  co_return written;
}

}  // namespace server
