// A time by which whatever the MySQL client library reads and writes on this thread has ended.
// SPDX-License-Identifier: MIT

#pragma once

#include <mysql/mysql.h>
#include <chrono>

namespace stores {

// Each thread has one of its own: the library does not say whose connection it waits for, and a
// connection is used by one thread at a time.
class MysqlDeadline {
 public:
  // From now on, for a handle that is about to connect. Starts again for each further address of
  // the server's name.
  static void start_connecting(MYSQL* handle, std::chrono::milliseconds time);

  // From now on, for a handle that is connected.
  static void start(MYSQL* handle, std::chrono::milliseconds time);

  // Asked after an error: whether that is why.
  static bool has_passed();
};

}  // namespace stores
