// See row.h. Netstrings: `4:imap,` and so on.
// SPDX-License-Identifier: MIT

#include "cached/trail/row.h"

#include "cached/base/text.h"

namespace trail {
namespace {

using stores::Use;

// In this order behind the password's id. New ones go to the end.
constexpr std::string Use::*texts[] = {
    &Use::service, &Use::remote_ip, &Use::time, &Use::reverse_name, &Use::location, &Use::isp,
    &Use::result,  &Use::reason,    &Use::rule, &Use::host,         &Use::session};

void add(std::string& out, std::string_view text) {
  base::append(out, text.size());
  out += ':';
  out += text;
  out += ',';
}

constexpr std::size_t usual_size = 512;  // or less

// Takes the first netstring off `rest`.
std::optional<std::string_view> take(std::string_view& rest) {
  const auto colon = rest.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto size = base::parse_number<std::size_t>(rest.substr(0, colon));
  const std::size_t start = colon + 1;
  if (!size || *size >= rest.size() - start || rest[start + *size] != ',') return std::nullopt;
  const std::string_view text = rest.substr(start, *size);
  rest.remove_prefix(start + *size + 1);
  return text;
}

}  // namespace

std::string encode(const Use& use) {
  std::string out;
  out.reserve(usual_size);
  add(out, std::to_string(use.password_id));
  for (const auto text : texts) add(out, use.*text);
  return out;
}

std::optional<Use> decode(std::string_view bytes) {
  Use use;
  const auto id = take(bytes);
  const auto number = base::parse_number<std::int64_t>(id.value_or(""));
  if (!number) return std::nullopt;
  use.password_id = *number;
  for (const auto text : texts) {
    const auto found = take(bytes);
    if (!found) return std::nullopt;
    use.*text = *found;
  }
  return use;
}

}  // namespace trail
