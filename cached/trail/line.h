// The audit line of one attempt, in the form the predecessors wrote: name=value pairs, free text in
// angle brackets, None for what is not known. Our own facts stand behind theirs.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cached/base/log.h"
#include "cached/base/login.h"
#include "cached/base/verdict.h"
#include "cached/facts/facts.h"

namespace trail {

// What is told of an attempt. No facts: it had no address.
struct Attempt {
  const base::Login& login;
  const base::Verdict& verdict;
  const facts::Facts* facts = nullptr;
};

std::string audit_line(const Attempt& attempt);

// Zones that list the address, each with the codes that count; nullopt: no zone has answered.
std::optional<std::vector<std::string>> listings(const Attempt& attempt);

// Whether a reverse name leads back, which whoever holds the address can make it say or not: pass,
// fail, none or temperror; empty: nobody was asked.
std::string confirmed(const Attempt& attempt);

// The same as journal fields (AUDIT_USER, ...), in the predecessor's names and forms.
std::vector<base::log::Field> audit_fields(const Attempt& attempt);

}  // namespace trail
