// open_socket(): see server.h. Made by hand and not by uv_pipe_bind, for its mode and its checks.
// SPDX-License-Identifier: MIT
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/server/server.h"

namespace server {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

constexpr int backlog = 1024;

Error failure(const std::string& path, std::string_view what) {
  return Error{cat("socket ", path, ": ", what, ": ", std::strerror(errno))};
}

Status check_directory(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == 0 ? "/" : path.substr(0, slash);
  struct stat facts {};
  if (stat(directory.c_str(), &facts) < 0) return failure(path, "its directory");
  if (facts.st_mode & S_IWOTH)
    return Error{cat("socket ", path, ": refused, everybody can write to its directory")};
  return Done{};
}

// Removes what a daemon that is gone has left; an error when one is still there.
Status clear_path(const sockaddr_un& address) {
  const std::string path = address.sun_path;
  struct stat facts {};
  if (lstat(path.c_str(), &facts) < 0)
    return errno == ENOENT ? Status(Done{}) : Status(failure(path, "cannot look at it"));
  if (!S_ISSOCK(facts.st_mode)) return Error{cat("socket ", path, ": there is something else")};
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int result = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const bool in_use = result == 0 || errno == EAGAIN;
  close(probe);
  if (in_use) return Error{cat("socket ", path, ": another daemon answers there")};
  if (unlink(path.c_str()) < 0) return failure(path, "cannot remove the old one");
  return Done{};
}

Status bind_and_listen(int fd, const sockaddr_un& address, const std::string& group) {
  const std::string path = address.sun_path;
  // Until its group and mode are right nobody but us may connect: umask is 0077.
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return failure(path, "cannot bind");
  if (!group.empty()) {
    const auto id = base::find_group(group);
    if (!id) return Error{cat("socket ", path, ": ", id.error().text)};
    if (chown(path.c_str(), static_cast<uid_t>(-1), *id) < 0)
      return failure(path, cat("cannot give it to the group ", group));
  }
  if (chmod(path.c_str(), 0660) < 0) return failure(path, "cannot set its mode");
  if (listen(fd, backlog) < 0) return failure(path, "cannot listen");
  return Done{};
}

}  // namespace

Result<int> open_socket(const std::string& path, const std::string& group) {
  const int handed_over = sd_listen_fds(1);
  if (handed_over > 1) return Error{"systemd handed over more than one socket"};
  if (handed_over == 1) {
    if (sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_STREAM, 1) > 0) return SD_LISTEN_FDS_START;
    return Error{"what systemd handed over is not a listening UNIX stream socket"};
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{cat("socket ", path, ": longer than ", sizeof address.sun_path - 1, " bytes")};
  path.copy(address.sun_path, path.size());

  Status status = check_directory(path);
  if (status) status = clear_path(address);
  if (!status) return status.error();
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failure(path, "cannot make one");
  status = bind_and_listen(fd, address, group);
  if (status) return fd;
  close(fd);
  return status.error();
}

}  // namespace server
