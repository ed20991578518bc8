// The options table as text for people: the sample file, and the option part of cached.conf(5).
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace config {

std::string describe_sample();  // a cached.conf with every option, commented out, at its default
std::string describe_manual();  // mdoc(7)

// Text of the tables for mdoc(7): each sentence begins a line.
std::string sentences(std::string_view text);

}  // namespace config
