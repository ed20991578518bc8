// What a reload replaces: everything that comes from files. A login takes one Snapshot at the door
// and sees one policy to its end.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <set>
#include <string>

#include "cached/base/result.h"
#include "cached/config/file.h"
#include "cached/facts/sources.h"
#include "cached/rules/judge.h"

namespace auth {

struct Snapshot {
  config::File file;
  std::set<unsigned> allowed_users;  // [server] allow_users as numbers
  std::set<unsigned> allowed_groups;
  facts::Sources sources;
  rules::Policy policy;
  std::string warnings;  // a line each; for whoever had it loaded

  const config::Options& options() const { return file.options; }

  // Blocks: start-up, --check, and a thread of a lane for SIGHUP. All errors, a line each. The
  // built-in defaults stand in for a default file that is not there, but not for one that has
  // vanished. What has not changed since `before` is taken over from there.
  enum class Missing { defaults, error };
  static base::Result<std::shared_ptr<const Snapshot>> load(
      const std::string& path, Missing missing, std::shared_ptr<const Snapshot> before = nullptr);
};

}  // namespace auth
