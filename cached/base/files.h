// What the modes of files must be for us to trust them, and whether they are still the same.
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/stat.h>

#include <string>

#include "cached/base/result.h"

namespace base {

// The directory that an absolute path is in.
std::string directory_of(const std::string& path);

// An error (`PATH: text`) when everybody can write to it, or it cannot be looked at.
Status refuse_world_writable(const std::string& path);

// What tells that a file was not written since. rename(2) of another one changes the inode.
struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{}, changed{};

  bool operator==(const FileVersion& other) const;
};

FileVersion version_of(const struct stat& file);

}  // namespace base
