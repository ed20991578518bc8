// A use of an app password, and attempts to log in, as the spool keeps them: bytes that say where
// each text ends.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cached/stores/store.h"

namespace trail {

std::string encode(const stores::Use& use);
std::string encode(const stores::Attempts& attempts);

// nullopt: these are not encode()'s bytes. What was written by a later version, with more texts, is
// read as far as it is known here.
std::optional<stores::Use> decode_use(std::string_view bytes);
std::optional<stores::Attempts> decode_attempts(std::string_view bytes);

}  // namespace trail
