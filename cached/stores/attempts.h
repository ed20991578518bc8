// Equal attempts to log in within a minute, whatever became of them: a row of the connection_log
// table.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stores {

// All texts are UTF-8 and fit their columns; empty: NULL. Times are milliseconds since 1970.
struct Attempts {
  // Which row it is, with the host: written again, it is the same row, with the later `last` and
  // the higher count.
  std::int64_t number = 0;
  std::string host{};
  std::string protocol{}, user{}, remote_ip{}, country{};
  // nullopt: not judged. A login that was let in has true and false, and nothing else has.
  std::optional<bool> auth_ok{}, policy_reject{};
  std::string session{}, rule{}, reason{};
  std::int64_t password_id = 0;  // 0: NULL
  std::int64_t first = 0, last = 0;
  std::int64_t count = 1;
};

}  // namespace stores
