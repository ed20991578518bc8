// The story of a request: who is it, which password is it, may they, remember it.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>

#include "cached/auth/admit.h"
#include "cached/auth/services.h"
#include "cached/auth/snapshot.h"
#include "cached/base/login.h"
#include "cached/base/verdict.h"
#include "cached/loop/task.h"

namespace auth {

// Judges one request within the configured limits, writes its audit line and remembers its use of
// an app password. Always has an answer: what cannot be judged, or not in time, is "later".
loop::Task<base::Verdict> answer(Services& services, std::shared_ptr<const Snapshot> now,
                                 std::shared_ptr<const base::Login> login);

// What would be answered: no limits, nothing remembered or logged. `inquiry` is of the login's
// address.
loop::Task<base::Verdict> judge(Services& services, std::shared_ptr<const Snapshot> now,
                                std::shared_ptr<const base::Login> login, InquiryPtr inquiry);

}  // namespace auth
