// See files.h.
// SPDX-License-Identifier: MIT

#include "cached/base/files.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "cached/base/text.h"

namespace base {

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status refuse_world_writable(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) < 0) return Error{cat(path, ": ", std::strerror(errno))};
  if (facts.st_mode & S_IWOTH) return Error{cat(path, ": refused, everybody can write to it")};
  return Done{};
}

bool FileVersion::operator==(const FileVersion& other) const {
  const auto same = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  return device == other.device && inode == other.inode && size == other.size &&
         same(modified, other.modified) && same(changed, other.changed);
}

FileVersion version_of(const struct stat& file) {
  return {file.st_dev, file.st_ino, file.st_size, file.st_mtim, file.st_ctim};
}

}  // namespace base
