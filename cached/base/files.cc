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

}  // namespace base
