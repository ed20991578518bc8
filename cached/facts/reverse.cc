// See reverse.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/reverse.h"

#include <algorithm>
#include <utility>

#include "cached/loop/group.h"

namespace facts {
namespace {

using clients::DnsAnswer;
using Outcome = DnsAnswer::Outcome;

constexpr std::size_t most_names = 5;
constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;

bool is_plain_label(std::string_view label) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !label.empty() && label.size() <= longest_label &&
         std::all_of(label.begin(), label.end(), is_plain);
}

std::string_view key_of(const base::Address& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()};
}

// And what it is about: other names are another question.
std::string key_of(const base::Address& address, const std::vector<std::string>& names) {
  std::string key(key_of(address));
  for (const auto& name : names) key.append(name).append(" ");
  return key;
}

// When there are no names to confirm.
Confirmed without_names(State names) {
  return names == State::absent ? Confirmed::none : Confirmed::temporary_error;
}

bool leads_to(const DnsAnswer& answer, const base::Address& address) {
  return std::any_of(answer.values.begin(), answer.values.end(), [&](const std::string& value) {
    return base::parse_address(value) == address;
  });
}

}  // namespace

bool is_plain_host_name(std::string_view name) {
  if (name.size() > longest_name) return false;
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    if (!is_plain_label(name.substr(0, dot))) return false;
    name.remove_prefix(dot + 1);
  }
  return is_plain_label(name);
}

Reverse::Reverse(clients::Dns& dns, std::size_t limit, const Lifetimes& lifetimes)
    : dns_(dns), names_(limit, lifetimes), confirmed_(limit, lifetimes) {}

loop::Task<Seen<Reverse::Names>> Reverse::find_names(base::Address address) {
  return names_.find(std::string(key_of(address)), ask_names(address));
}

loop::Task<Told<Reverse::Names>> Reverse::ask_names(base::Address address) {
  DnsAnswer answer = co_await dns_.pointers(address);
  if (answer.outcome == Outcome::failed) co_return Told<Names>{Names(), {}, true};
  std::erase_if(answer.values, [](const std::string& name) { return !is_plain_host_name(name); });
  if (answer.values.size() > most_names) answer.values.resize(most_names);
  Names names = answer.values.empty() ? Names::absent() : Names(std::move(answer.values));
  co_return Told<Names>{std::move(names), answer.ttl};
}

loop::Task<Seen<Fact<Confirmed>>> Reverse::find_confirmed(base::Address address) {
  const Seen<Names> names = co_await find_names(address);
  const auto* known = names.value.find();
  if (!known)
    co_return Seen<Fact<Confirmed>>{without_names(names.value.state()), names.source, names.age};
  auto finding = confirmed_.find(key_of(address, *known), ask_confirmed(address, *known));
  const Seen<Confirmed> seen = co_await finding;
  co_return Seen<Fact<Confirmed>>{seen.value, seen.source, seen.age};
}

std::optional<Seen<Reverse::Names>> Reverse::recall_names(const base::Address& address) const {
  return names_.recall(key_of(address));
}

std::optional<Confirmed> Reverse::recall_confirmed(const base::Address& address,
                                                   const Names& names) const {
  const auto* known = names.find();
  if (!known) return without_names(names.state());
  const auto seen = confirmed_.recall(key_of(address, *known));
  return seen ? std::optional(seen->value) : std::nullopt;
}

loop::Task<Told<Confirmed>> Reverse::ask_confirmed(base::Address address,
                                                   std::vector<std::string> names) {
  loop::Group<DnsAnswer> questions;
  for (const auto& name : names) questions.add(dns_.addresses(name, !address.is_v4()));
  const auto answers = co_await questions.results();
  Told<Confirmed> told{Confirmed::fail, std::chrono::milliseconds::max(), false};
  for (const auto& answer : answers) {
    if (leads_to(answer, address)) co_return Told<Confirmed>{Confirmed::pass, answer.ttl};
    told.failed = told.failed || answer.outcome == Outcome::failed;
    told.lifetime = std::min<std::chrono::milliseconds>(told.lifetime, answer.ttl);
  }
  if (told.failed) told.value = Confirmed::temporary_error;
  co_return told;
}

}  // namespace facts
