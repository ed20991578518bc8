// An open MMDB: a file that was checked, and is in memory as it was then. geo.h says what is made
// of it.
// SPDX-License-Identifier: MIT

#pragma once

#include <maxminddb.h>

#include <chrono>
#include <optional>
#include <string>

#include "cached/base/files.h"
#include "cached/base/log.h"
#include "cached/facts/geo.h"

namespace facts {

class Mmdb {
 public:
  Mmdb(std::string from, const base::FileVersion& as_of, const MMDB_s& opened)
      : path(std::move(from)), version(as_of), library(opened) {}
  Mmdb(const Mmdb&) = delete;
  Mmdb& operator=(const Mmdb&) = delete;
  ~Mmdb() { MMDB_close(&library); }

  const std::string path;
  const base::FileVersion version;
  MMDB_s library;

  // A bad file has many bad records, and who logs in chooses which are asked for.
  mutable base::log::Limited unreadable{1, std::chrono::minutes(10)};
};

}  // namespace facts
