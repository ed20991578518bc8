// Request lines in, reply lines out: checkpass-wire(7) in terms of Login and Verdict.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cached/base/login.h"
#include "cached/base/result.h"
#include "cached/base/verdict.h"

namespace server {

// Takes the line apart in place; the caller wipes it. Unknown fields are left alone (a newer
// checkpass may send them); an error says what is wrong with the line.
base::Result<std::shared_ptr<const base::Login>> parse_request(char* line, std::size_t size);

// A whole reply line. A verdict whose fields do not fit becomes "later".
std::string reply_line(const base::Verdict& verdict);

}  // namespace server
