// What the log table is told of the use of an app password, in the predecessor's words.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/stores/store.h"
#include "cached/trail/line.h"

namespace trail {

const std::string& host_name();  // this one, as the tables have it

// The attempt must have a password. No facts, or not yet all: what is missing is empty. The time is
// for the recorder to set.
stores::Use use_of(const Attempt& attempt);

// What comes from others, and so perhaps only later: src_rdns and src_isp. Whether that is another
// one now.
bool complete(stores::Use& use, const facts::Facts& facts);

}  // namespace trail
