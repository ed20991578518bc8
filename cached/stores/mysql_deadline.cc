// See mysql_deadline.h. MariaDB Connector/C reads and writes what it can at once, and calls wait()
// to wait; and it calls look() each time it has read or written. (3.3.20, ma_pvio.c, pvio_socket.c)
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_deadline.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <cstddef>

#include "cached/stores/deadline.h"

// Made for plug-ins, and in none of the library's headers. Written is 1, read is 0.
using Look = void(int written, MYSQL*, const unsigned char*, std::size_t);
extern "C" int ma_pvio_register_callback(my_bool add, Look*);

namespace stores {
namespace {

struct Current {
  Deadline deadline;
  bool has_passed = false;     // and somebody would have waited longer
  bool is_connecting = false;  // nothing has been read yet: the server is the first to speak
  bool has_tls = false;
};

thread_local Current current;

bool is_full(int socket) {
  pollfd descriptor{socket, POLLOUT, 0};
  return poll(&descriptor, 1, 0) == 0;
}

// As poll(2) answers: 1 when there is something to read, or room to write.
int wait(my_socket socket, my_bool to_read, int) {
  if (current.is_connecting && !to_read) current.deadline.restart();  // another address
  short events = to_read ? POLLIN : POLLOUT;
  // That is also what it asks for when TLS cannot write.
  if (to_read && current.has_tls && is_full(socket)) events |= POLLOUT;
  const bool is_ready = current.deadline.wait(socket, events);
  current.has_passed = !is_ready;
  return is_ready ? 1 : 0;
}

void look(int written, MYSQL* handle, const unsigned char*, std::size_t) {
  if (written) return;
  const int socket = mysql_get_socket(handle);
  // Before TLS begins: OpenSSL reads on until it has a record, and on a socket that blocks nobody
  // is asked whether to wait.
  if (current.is_connecting) fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  current.is_connecting = false;
  // Where there is always more to read nobody ever waits.
  if (!current.deadline.has_passed()) return;
  current.has_passed = true;
  shutdown(socket, SHUT_RDWR);
}

}  // namespace

void MysqlDeadline::start_connecting(MYSQL* handle, std::chrono::milliseconds time) {
  [[maybe_unused]] static const int once = ma_pvio_register_callback(1, look);
  mysql_options(handle, MARIADB_OPT_IO_WAIT, reinterpret_cast<const void*>(wait));
  current = {};
  current.deadline.start(time);
  current.is_connecting = true;
}

void MysqlDeadline::start(MYSQL* handle, std::chrono::milliseconds time) {
  current = {};
  current.deadline.start(time);
  current.has_tls = mysql_get_ssl_cipher(handle) != nullptr;
}

bool MysqlDeadline::has_passed() { return current.has_passed; }

}  // namespace stores
