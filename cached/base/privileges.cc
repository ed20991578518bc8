// See privileges.h.
// SPDX-License-Identifier: MIT

#include "cached/base/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <vector>

#include "cached/base/text.h"

namespace base {
namespace {

// All groups of the user and one more, as the process' supplementary groups.
bool set_groups(const passwd& account, const std::string& extra_group) {
  if (initgroups(account.pw_name, account.pw_gid) < 0) return false;
  if (extra_group.empty()) return true;
  const auto extra = find_group(extra_group);
  if (!extra) return false;
  std::vector<gid_t> groups(static_cast<std::size_t>(getgroups(0, nullptr)));
  if (getgroups(static_cast<int>(groups.size()), groups.data()) < 0) return false;
  groups.push_back(*extra);
  return setgroups(groups.size(), groups.data()) == 0;
}

}  // namespace

Result<unsigned> find_group(const std::string& name) {
  const group* found = getgrnam(name.c_str());
  if (!found) return Error{cat("no such group: ", printable(name))};
  return unsigned{found->gr_gid};
}

Result<unsigned> find_user(const std::string& name) {
  const passwd* found = getpwnam(name.c_str());
  if (!found) return Error{cat("no such user: ", printable(name))};
  return unsigned{found->pw_uid};
}

Status drop_root(const std::string& user, const std::string& extra_group) {
  if (geteuid() != 0) return Done{};
  const passwd* account = getpwnam(user.c_str());
  if (!account)
    return Error{cat("started by root, and [server] user = ", printable(user), " does not exist")};
  if (account->pw_uid == 0) return Error{"does not run as root; set [server] user"};
  const uid_t uid = account->pw_uid;
  const gid_t gid = account->pw_gid;
  if (!set_groups(*account, extra_group) || setresgid(gid, gid, gid) < 0 ||
      setresuid(uid, uid, uid) < 0)
    return Error{cat("cannot become ", user, ": ", std::strerror(errno))};
  prctl(PR_SET_DUMPABLE, 0);  // the kernel resets it with the user
  return Done{};
}

void harden_process() {
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  umask(0077);
}

}  // namespace base
