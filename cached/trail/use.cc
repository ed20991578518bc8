// See use.h. Clients and servers choose much of it, and a webmail shows it to people: whatever
// could be markup, or is no UTF-8, is escaped here.
// SPDX-License-Identifier: MIT

#include "cached/trail/use.h"

#include <unistd.h>

#include "cached/base/text.h"

namespace trail {
namespace {

using base::cat;
using base::printable;
using facts::Facts;

// The first name of the system that the address is in.
std::string_view as_name_of(const Facts& facts) {
  const auto* names = facts.as_names.find();
  return names && !names->empty() ? std::string_view(names->front()) : "";
}

// `60313 Frankfurt am Main, HE, Germany`, as far as it is known; of a local network what [audit]
// local_locationname says, which as_names has too.
std::string location_of(const Facts& facts) {
  if (facts.local_network) return std::string(as_name_of(facts));
  const auto* geo = facts.geo.find();
  if (!geo) return "";
  std::string text = geo->postal_code;
  const auto add = [&text](std::string_view separator, const std::string& word) {
    if (!word.empty()) text += cat(text.empty() ? "" : separator, word);
  };
  add(" ", geo->city.name);
  if (!geo->subdivisions.empty()) {
    const auto& largest = geo->subdivisions.front();
    add(", ", largest.code.empty() ? largest.name : largest.code);
  }
  add(", ", geo->country.name);
  return text;
}

}  // namespace

const std::string& host_name() {
  static const std::string name = [] {
    char text[256] = "";
    gethostname(text, sizeof text - 1);
    return printable(text);
  }();
  return name;
}

stores::Use use_of(const Attempt& attempt) {
  stores::Use use;
  use.password_id = attempt.verdict.password->id;
  use.service = printable(attempt.login.service);
  use.remote_ip = printable(attempt.login.remote_ip);
  use.result = base::name_of(attempt.verdict.answer);
  use.reason = printable(attempt.verdict.reason);
  use.rule = printable(attempt.verdict.rule);
  use.host = host_name();
  use.session = printable(attempt.login.session);
  if (!attempt.facts) return use;
  use.location = printable(location_of(*attempt.facts));
  complete(use, *attempt.facts);
  return use;
}

bool complete(stores::Use& use, const Facts& facts) {
  const auto& names = facts.reverse_names;
  const auto* organisation = facts.as_org.find();
  std::string name = use.reverse_name;
  if (const auto* known = names.find(); known && !known->empty())
    name = printable(known->front());
  else if (names.state() == facts::State::absent)
    name = "<>";
  const bool is_named = organisation && !organisation->empty();
  std::string isp = printable(is_named ? *organisation : as_name_of(facts));
  if (name == use.reverse_name && isp == use.isp) return false;
  use.reverse_name = std::move(name);
  use.isp = std::move(isp);
  return true;
}

}  // namespace trail
