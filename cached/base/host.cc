// See host.h.
// SPDX-License-Identifier: MIT

#include "cached/base/host.h"

#include <algorithm>

#include "cached/base/text.h"

namespace base {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::string_view of_names =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && text.front() != '-' &&
         text.find_first_not_of(of_names) == std::string_view::npos;
}

}  // namespace

std::optional<Host> parse_host(std::string_view text) {
  const bool in_brackets = text.starts_with('[');
  const auto end = in_brackets ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = text.substr(in_brackets, end - in_brackets);
  Host host{std::string(name), parse_address(name)};
  if (in_brackets ? !host.address || host.address->is_v4() : !is_name(name)) return std::nullopt;
  const auto rest = text.substr(end + in_brackets);
  if (rest.empty()) return host;
  const auto port = parse_number<std::uint16_t>(rest.substr(1));
  if (rest.front() != ':' || !port || *port == 0) return std::nullopt;
  host.port = *port;
  return host;
}

}  // namespace base
