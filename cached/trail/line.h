// The audit line of one attempt, in the form the predecessors wrote: name=value pairs, free text in
// angle brackets. Facts that are not known yet are left out; user, service and ip always stand.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "cached/base/log.h"
#include "cached/base/login.h"
#include "cached/base/verdict.h"

namespace trail {

std::string audit_line(const base::Login& login, const base::Verdict& verdict);

// The same facts as journal fields (AUDIT_USER, ...).
std::vector<base::log::Field> audit_fields(const base::Login& login, const base::Verdict& verdict);

}  // namespace trail
