// cachedctl lists: checks list files and tries subjects on them, without the daemon.
// SPDX-License-Identifier: MIT

#pragma once

#include <span>
#include <string>

#include "cached/config/file.h"

namespace ctl {

// What is wrong with the files; without FILE, with all lists of the configuration. 0 when nothing
// is, 2 otherwise.
int check_lists(const config::File& file, std::span<const std::string> arguments);

// For each subject the line of the list that it is matched by, or -. 0 when all are matched, 1 when
// one is not, 2 for a bad file or a subject that is none.
int match_list(const config::File& file, std::span<const std::string> arguments);

}  // namespace ctl
