// Giving up root, and keeping what is in memory out of core dumps.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/base/result.h"

namespace base {

// When started by root: becomes `user`, keeping membership of `extra_group` too (empty: none).
// Refuses to go on as root. Not root: does nothing.
Status drop_root(const std::string& user, const std::string& extra_group);

// No core dumps, no ptrace by the same user, files made from now on are the owner's alone.
void harden_process();

// Numeric id of a group; an error when there is none of that name.
Result<unsigned> find_group(const std::string& name);
Result<unsigned> find_user(const std::string& name);

}  // namespace base
