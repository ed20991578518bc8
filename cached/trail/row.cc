// See row.h. Netstrings: `4:imap,` and so on.
// SPDX-License-Identifier: MIT

#include "cached/trail/row.h"

#include "cached/base/text.h"

namespace trail {
namespace {

using stores::Attempts;
using stores::Use;

// In this order behind the password's id. New ones go to the end.
constexpr std::string Use::*texts[] = {
    &Use::service, &Use::remote_ip, &Use::time, &Use::reverse_name, &Use::location, &Use::isp,
    &Use::result,  &Use::reason,    &Use::rule, &Use::host,         &Use::session};

constexpr std::int64_t Attempts::*numbers[] = {&Attempts::number, &Attempts::password_id,
                                               &Attempts::first, &Attempts::last, &Attempts::count};
constexpr std::string Attempts::*words[] = {
    &Attempts::host,    &Attempts::protocol, &Attempts::user, &Attempts::remote_ip,
    &Attempts::country, &Attempts::session,  &Attempts::rule, &Attempts::reason};

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

void add(std::string& out, std::int64_t number) { add(out, std::to_string(number)); }

std::optional<std::int64_t> take_number(std::string_view& rest) {
  return base::parse_number<std::int64_t>(take(rest).value_or(""));
}

// All of them, to the members of `row` in that order.
template <class T, std::size_t N>
bool take_texts(std::string_view& rest, T& row, std::string T::*const (&members)[N]) {
  for (const auto member : members) {
    const auto found = take(rest);
    if (!found) return false;
    row.*member = *found;
  }
  return true;
}

std::int64_t number_of(const std::optional<bool>& judged) { return judged ? *judged : -1; }
std::optional<bool> judged_of(std::int64_t number) {
  return number < 0 ? std::nullopt : std::optional(number == 1);
}

}  // namespace

std::string encode(const Use& use) {
  std::string out;
  out.reserve(usual_size);
  add(out, use.password_id);
  for (const auto text : texts) add(out, use.*text);
  return out;
}

std::optional<Use> decode_use(std::string_view bytes) {
  Use use;
  const auto id = take_number(bytes);
  if (!id || !take_texts(bytes, use, texts)) return std::nullopt;
  use.password_id = *id;
  return use;
}

std::string encode(const Attempts& attempts) {
  std::string out;
  out.reserve(usual_size);
  for (const auto number : numbers) add(out, attempts.*number);
  for (const auto& judged : {attempts.auth_ok, attempts.policy_reject}) add(out, number_of(judged));
  for (const auto text : words) add(out, attempts.*text);
  return out;
}

std::optional<Attempts> decode_attempts(std::string_view bytes) {
  Attempts attempts;
  const auto take_to = [&bytes](auto& place, auto convert) {
    const auto number = take_number(bytes);
    if (number) place = convert(*number);
    return number.has_value();
  };
  for (const auto number : numbers)
    if (!take_to(attempts.*number, [](std::int64_t n) { return n; })) return std::nullopt;
  for (auto* judged : {&attempts.auth_ok, &attempts.policy_reject})
    if (!take_to(*judged, judged_of)) return std::nullopt;
  if (!take_texts(bytes, attempts, words)) return std::nullopt;
  return attempts;
}

}  // namespace trail
