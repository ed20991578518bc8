// How a stored hash is written down: as text, in base64 or in hex. Pure.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auth::hash {

// RFC 4648, section 4, with its padding; white space in it is skipped, as Dovecot does. Nullopt for
// what is none.
std::optional<std::string> from_base64(std::string_view text);

// Digits of either case.
std::optional<std::string> from_hex(std::string_view text);

// `size` bytes in hex or in base64, which their lengths tell apart.
std::optional<std::string> from_either(std::string_view text, std::size_t size);

}  // namespace auth::hash
