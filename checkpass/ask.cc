// The client side of checkpass-wire(7), with nothing but system calls.
// SPDX-License-Identifier: MIT

#include "checkpass/ask.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

namespace checkpass {
namespace {

constexpr int first_pause_ms = 10;
constexpr int longest_pause_ms = 250;

bool wait_for(int fd, short events, long long deadline) {
  for (;;) {
    const long long left = deadline - now_ms();
    if (left <= 0) return false;
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, int(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// Why one attempt ended without a reply: for good, or because cached is (re)starting.
enum class Outcome { replied, absent, failed };

bool send_all(int fd, wire::Bytes request, long long deadline) {
  while (request.size) {
    const ssize_t sent = send(fd, request.data, request.size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN && wait_for(fd, POLLOUT, deadline)) continue;
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    request.data += sent;
    request.size -= size_t(sent);
  }
  return true;
}

Outcome receive_line(int fd, char (&reply)[wire::max_line], size_t& size, long long deadline,
                     const char*& problem) {
  for (size = 0; size < sizeof reply;) {
    if (!wait_readable(fd, deadline)) {
      problem = "no answer from cached in time";
      return Outcome::failed;
    }
    const ssize_t got = recv(fd, reply + size, sizeof reply - size, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) {
      problem = "cached closed the connection without an answer";
      return size ? Outcome::failed : Outcome::absent;
    }
    const void* lf = memchr(reply + size, '\n', size_t(got));
    size += size_t(got);
    if (lf) {
      size = size_t(static_cast<const char*>(lf) - reply);
      return Outcome::replied;
    }
  }
  problem = "the answer from cached is too long";
  return Outcome::failed;
}

Outcome converse(int fd, const sockaddr_un& address, wire::Bytes request,
                 char (&reply)[wire::max_line], size_t& size, long long deadline,
                 const char*& problem) {
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    problem = errno == EACCES ? "not allowed to connect to cached" : "cannot connect to cached";
    // EAGAIN: the backlog of the socket is full. EACCES: systemd binds it before it is ours.
    const bool absent =
        errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN || errno == EACCES;
    return absent ? Outcome::absent : Outcome::failed;
  }
  if (!send_all(fd, request, deadline)) {
    // A daemon that refuses us, or stops, may have answered before it read.
    if (errno != EPIPE && errno != ECONNRESET) {
      problem = "cannot send to cached";
      return Outcome::failed;
    }
  }
  return receive_line(fd, reply, size, deadline, problem);
}

}  // namespace

long long now_ms() {
  timespec t;
  // The system call and not the vdso: at the first and only use the vdso costs two page faults.
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

bool wait_readable(int fd, long long deadline) { return wait_for(fd, POLLIN, deadline); }

size_t ask(const char* socket_path, wire::Bytes request, char (&reply)[wire::max_line],
           long long patience_ms, long long deadline, const char*& problem) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (strlen(socket_path) >= sizeof address.sun_path) {
    problem = "the socket's path is too long";
    return 0;
  }
  memcpy(address.sun_path, socket_path, strlen(socket_path));

  long long give_up = 0;  // set when it is absent for the first time
  for (int pause = first_pause_ms;; pause = pause * 2 < longest_pause_ms ? pause * 2 : pause) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
      problem = "cannot make a socket";
      return 0;
    }
    size_t size = 0;
    const Outcome outcome = converse(fd, address, request, reply, size, deadline, problem);
    if (outcome == Outcome::replied) return size;  // fd: left to exit or exec, one call less
    close(fd);
    const long long now = now_ms();
    if (!give_up) give_up = now + patience_ms < deadline ? now + patience_ms : deadline;
    if (outcome == Outcome::failed || now + pause >= give_up) return 0;
    poll(nullptr, 0, pause);
  }
}

}  // namespace checkpass
