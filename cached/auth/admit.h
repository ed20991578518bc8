// May somebody from there log in? The facts of the address, and what the lists make of them.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>

#include "cached/auth/services.h"
#include "cached/auth/snapshot.h"
#include "cached/base/login.h"
#include "cached/base/verdict.h"
#include "cached/facts/inquiry.h"
#include "cached/loop/task.h"

namespace auth {

using InquiryPtr = std::shared_ptr<facts::Inquiry>;  // null: there is no address

// What is known at once of where a login comes from.
InquiryPtr inquire(Services& services, const Snapshot& now, const std::string& ip);

// Starts asking the network about it, as the lists and [registry] ask want it.
void ask(Services& services, const Snapshot& now, facts::Inquiry& inquiry);

// For a login whose password was right: starts asking the network and waits for what the lists
// need, [audit] network_time at most. A verdict without an app password and fields.
loop::Task<base::Verdict> admit(Services& services, std::shared_ptr<const Snapshot> now,
                                std::shared_ptr<const base::Login> login, InquiryPtr inquiry);

// What the lists in mode = log say of it, for the audit line.
std::vector<std::string> trials(const Snapshot& now, const facts::Facts& facts);

}  // namespace auth
