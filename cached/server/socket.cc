// open_socket() and make_socket() of listener.h. Made by hand and not by uv_pipe_bind, for its mode
// and its checks.
// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "cached/base/descriptor.h"
#include "cached/base/files.h"
#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/server/listener.h"

namespace server {
namespace {

using base::cat;
using base::Descriptor;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

constexpr char making_suffix[] = ".new";

Error failure(const std::string& path, std::string_view what) {
  return Error{cat("socket ", path, ": ", what, ": ", std::strerror(errno))};
}

Status check_directory(const std::string& path) {
  const Status status = base::refuse_world_writable(base::directory_of(path));
  if (!status) return Error{cat("socket ", path, ": its directory ", status.error().text)};
  return Done{};
}

constexpr std::size_t longest_path = sizeof sockaddr_un::sun_path - sizeof making_suffix;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  base::check(path.size() < sizeof address.sun_path, "the length of a socket's path");
  path.copy(address.sun_path, path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// An error when something that is no socket is in the way, or a daemon answers there. What a daemon
// that is gone has left is replaced.
Status check_path(const std::string& path, const sockaddr_un& address) {
  struct stat facts {};
  if (lstat(path.c_str(), &facts) < 0)
    return errno == ENOENT ? Status(Done{}) : Status(failure(path, "cannot look at it"));
  if (!S_ISSOCK(facts.st_mode)) return Error{cat("socket ", path, ": there is something else")};
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return failure(path, "cannot make one");
  const bool answers = connect(probe, generic(address), sizeof address) == 0 || errno == EAGAIN;
  const Error unclear = failure(path, "cannot tell whether a daemon answers there");
  const bool gone = errno == ECONNREFUSED || errno == ENOENT;
  close(probe);
  if (answers) return Error{cat("socket ", path, ": another daemon answers there")};
  return gone ? Status(Done{}) : Status(unclear);
}

// Makes it ready under another name first: who finds the path finds a socket that listens, with its
// group and mode.
Status bind_and_listen(int fd, const std::string& path, const std::string& group, mode_t mode) {
  const std::string making = path + making_suffix;
  const sockaddr_un address = address_of(making);
  unlink(making.c_str());
  if (bind(fd, generic(address), sizeof address) < 0) return failure(path, "cannot bind");
  if (!group.empty()) {
    const auto id = base::find_group(group);
    if (!id) return Error{cat("socket ", path, ": ", id.error().text)};
    if (chown(making.c_str(), static_cast<uid_t>(-1), *id) < 0)
      return failure(path, cat("cannot give it to the group ", group));
  }
  if (chmod(making.c_str(), mode) < 0) return failure(path, "cannot set its mode");
  if (listen(fd, backlog) < 0) return failure(path, "cannot listen");
  if (rename(making.c_str(), path.c_str()) < 0) return failure(path, "cannot put it there");
  return Done{};
}

// The one socket that systemd handed over.
Result<int> take_over(int count) {
  constexpr int fd = SD_LISTEN_FDS_START;
  if (count > 1) return Error{"systemd handed over more than one socket"};
  if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0)
    return Error{"what systemd handed over is not a listening UNIX stream socket"};
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) < 0)
    return failure("of systemd", "cannot ask for its path");
  const std::string path(address.sun_path, strnlen(address.sun_path, sizeof address.sun_path));
  if (!path.empty()) {  // an abstract one is in no directory
    const Status directory = check_directory(path);
    if (!directory) return directory.error();
  }
  return fd;
}

}  // namespace

Result<int> open_socket(const std::string& path, const std::string& group) {
  const int handed_over = sd_listen_fds(1);
  return handed_over > 0 ? take_over(handed_over) : make_socket(path, group, 0660);
}

Result<int> make_socket(const std::string& path, const std::string& group, mode_t mode) {
  if (path.size() > longest_path)
    return Error{cat("socket ", path, ": longer than ", longest_path, " bytes")};
  Status status = check_directory(path);
  if (!status) return status.error();
  // One at a time: another cached that starts now must find this one listening.
  const Descriptor directory(
      open(base::directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (flock(directory.get(), LOCK_EX | LOCK_NB) < 0)
    return failure(path, "cannot lock its directory (is another cached starting?)");
  status = check_path(path, address_of(path));
  if (!status) return status.error();
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.get() < 0) return failure(path, "cannot make one");
  status = bind_and_listen(made.get(), path, group, mode);
  if (!status) return status.error();
  return made.release();
}

}  // namespace server
