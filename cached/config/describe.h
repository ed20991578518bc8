// The options table as text for people: the sample file, and the option part of cached.conf(5).
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

namespace config {

std::string describe_sample();  // a cached.conf with every option, commented out, at its default
std::string describe_manual();  // mdoc(7)

}  // namespace config
