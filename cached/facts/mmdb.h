// An open MMDB: a file that was checked, and is in memory as it was then. geo.h says what is made
// of it.
// SPDX-License-Identifier: MIT

#pragma once

#include <maxminddb.h>
#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <optional>
#include <string>

#include "cached/base/log.h"
#include "cached/facts/geo.h"

namespace facts {

// What tells that a file was not written since. rename(2) of another one changes the inode.
struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{}, changed{};

  bool operator==(const FileVersion& other) const;
};

class Mmdb {
 public:
  Mmdb(std::string from, const FileVersion& as_of, const MMDB_s& opened)
      : path(std::move(from)), version(as_of), library(opened) {}
  Mmdb(const Mmdb&) = delete;
  Mmdb& operator=(const Mmdb&) = delete;
  ~Mmdb() { MMDB_close(&library); }

  const std::string path;
  const FileVersion version;
  MMDB_s library;

  // A bad file has many bad records, and who logs in chooses which are asked for.
  mutable base::log::Limited unreadable{1, std::chrono::minutes(10)};
};

}  // namespace facts
