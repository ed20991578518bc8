// What is done before the first login: each server is asked once, so that what is wrong with it is
// in the log.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/auth/services.h"
#include "cached/loop/task.h"

namespace auth {

loop::Task<void> rehearse(Services& services);

}  // namespace auth
