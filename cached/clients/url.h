// An https URL of the configuration or of a file, as libcurl understands it.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/base/result.h"

namespace clients {

struct HttpsUrl {
  std::string text;  // without a / at its end
  std::string host;  // lower case; an IPv6 address in brackets
};

// An error when it is none, or has a user, a query or a fragment.
base::Result<HttpsUrl> parse_https(const std::string& text);

}  // namespace clients
