// What would become of a login from there, and why: every fact, every list, the verdict. The same
// engine as a login's, and none is logged.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>

#include "cached/auth/services.h"
#include "cached/auth/snapshot.h"
#include "cached/base/ip.h"
#include "cached/loop/task.h"

namespace auth {

struct Question {
  base::Address address;
  std::string service;  // empty: any
  std::string user;     // empty: nobody in particular
};

// Text for people, several lines. The verdict takes [audit] network_time at most, and the rest as
// long as the network does ([dns] timeout, tries).
loop::Task<std::string> explain(Services& services, std::shared_ptr<const Snapshot> now,
                                Question question);

}  // namespace auth
