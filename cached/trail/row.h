// A use of an app password as the spool keeps it: bytes that say where each text ends.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cached/stores/store.h"

namespace trail {

std::string encode(const stores::Use& use);

// nullopt: these are not encode()'s bytes. What was written by a later version, with more texts, is
// read as far as it is known here.
std::optional<stores::Use> decode(std::string_view bytes);

}  // namespace trail
