// The audit line as a JSON object, for what reads logs by machine. cached-audit(5) is its schema:
// fields are added to it, and none changes.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>

#include "cached/trail/line.h"

namespace trail {

// One line, without its end. Every field is there: null is what is not known, an empty text or list
// what there is none of. UTF-8, as base::as_utf8 makes it.
std::string audit_json(const Attempt& attempt, std::chrono::system_clock::time_point now);

}  // namespace trail
