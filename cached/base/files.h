// What the modes of files must be for us to trust them.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/base/result.h"

namespace base {

// The directory that an absolute path is in.
std::string directory_of(const std::string& path);

// An error (`PATH: text`) when everybody can write to it, or it cannot be looked at.
Status refuse_world_writable(const std::string& path);

}  // namespace base
