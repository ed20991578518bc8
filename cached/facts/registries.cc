// See registries.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/registries.h"

#include <algorithm>

#include "cached/base/host.h"
#include "cached/base/text.h"
#include "cached/clients/url.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::Result;

constexpr std::array<std::string_view, rir_count> names = {"",      "arin",   "ripencc",
                                                           "apnic", "lacnic", "afrinic"};

// The values of words like `arin=VALUE`, by registry; problems are added as `OPTION: text` lines.
std::array<std::string, rir_count> by_registry(const char* option, const config::Words& words,
                                               std::string& errors) {
  std::array<std::string, rir_count> values;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const Rir rir = rir_named(std::string_view(word).substr(0, equals));
    std::string& value = values[static_cast<std::size_t>(rir)];
    std::string problem;
    if (equals == std::string::npos || equals + 1 == word.size())
      problem = "must be REGISTRY=WHERE, without blanks";
    else if (rir == Rir::none)
      problem = "is none of the registries arin, ripencc, apnic, lacnic and afrinic";
    else if (!value.empty())
      problem = "is the second of its registry";
    else
      value = word.substr(equals + 1);
    if (!problem.empty()) errors += cat(option, ": ", base::printable(word), " ", problem, "\n");
  }
  return values;
}

RegistryPlan::Ask ask_named(const config::Choice& word) {
  if (word == "never") return RegistryPlan::Ask::never;
  return word == "lists" ? RegistryPlan::Ask::lists : RegistryPlan::Ask::always;
}

void add_host(std::vector<std::string>& hosts, std::string host) {
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(std::move(host));
}

}  // namespace

std::string_view name_of(Rir rir) { return names[static_cast<std::size_t>(rir)]; }

Rir rir_named(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? Rir::none : static_cast<Rir>(found - names.begin());
}

Result<RegistryPlan> make_plan(const decltype(config::Options::registry)& options) {
  std::string errors;
  RegistryPlan plan;
  plan.ask = ask_named(options.ask);
  plan.cymru = options.cymru == "yes";
  plan.rdap = by_registry("rdap", options.rdap, errors);
  for (std::string& base_url : plan.rdap) {
    if (base_url.empty()) continue;
    const auto url = clients::parse_https(base_url);
    if (!url) {
      errors += cat("rdap: ", base::printable(base_url), " ", url.error().text, "\n");
      continue;
    }
    base_url = url->text;
    add_host(plan.hosts, url->host);
  }
  plan.whois = by_registry("whois", options.whois, errors);
  for (const std::string& server : plan.whois)
    if (!server.empty() && !base::parse_host(server))
      errors += cat("whois: ", base::printable(server), " is neither HOST nor HOST:PORT\n");
  for (const std::string& host : options.redirects)
    if (const auto named = base::parse_host(host); named && named->port == 0)
      add_host(plan.hosts, base::lower(host));
    else
      errors += cat("redirects: ", base::printable(host), " is no name of a host\n");
  plan.tls_ca = options.tls_ca;
  plan.connect_time = options.connect_time;
  plan.query_time = options.query_time;
  plan.origin = {options.origin_fresh, options.origin_stale};
  plan.as_name = {options.as_name_fresh, options.as_name_stale};
  plan.network = {options.network_fresh, options.network_stale};
  plan.pause = options.pause;
  plan.rate = static_cast<int>(options.rate);
  const std::pair<const char*, RegistryPlan::Kept> kept[] = {
      {"origin", plan.origin}, {"as_name", plan.as_name}, {"network", plan.network}};
  for (const auto& [what, times] : kept)
    if (times.stale < times.fresh)
      errors += cat(what, "_stale: is shorter than ", what, "_fresh\n");
  if (!errors.empty()) return Error{errors};
  return plan;
}

}  // namespace facts
