// See policy.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/policy.h"

#include <algorithm>

#include "cached/base/text.h"

namespace rules {
namespace {

using base::cat;
using base::Error;
using base::Result;

Mode mode_named(std::string_view word) { return word == "log" ? Mode::log : Mode::enforce; }

OnUnknown on_unknown_named(std::string_view word) {
  if (word == "deny") return OnUnknown::deny;
  return word == "later" ? OnUnknown::later : OnUnknown::allow;
}

class Loading {
 public:
  Loading(const config::File& file, const std::string& path, const Policy& before)
      : file_(file), path_(path), before_(before) {}

  void add_ignored() {
    const auto& networks = file_.options.audit.ignore_networks;
    if (networks.empty()) return;
    ListSettings settings;
    settings.name = "ignore_networks";
    settings.type = find_list_type(settings.name);
    const auto where = file_.where(path_, "audit", "ignore_networks");
    policy.lists.push_back(
        List::of_networks(settings, networks, where.substr(0, where.find(": "))));
  }

  void add_list(const config::Named<config::Options::list_options>& section) {
    const auto& defaults = file_.options.lists;
    const auto given = [](const std::string& value, const std::string& fallback) {
      return value == "inherit" || value.empty() ? fallback : value;
    };
    ListSettings settings;
    settings.name = section.name;
    settings.path = section.path;
    settings.type = find_list_type(section.type.empty() ? section.name : section.type);
    settings.syntax = *syntax_named(given(section.pattern_syntax, defaults.pattern_syntax));
    settings.mode = mode_named(given(section.mode, defaults.mode));
    settings.on_unknown = on_unknown_named(given(section.unknown, defaults.unknown));
    settings.message = given(section.message, defaults.message);
    const std::string in = cat("list ", section.name);
    check_message(in, section.message);
    if (!is_usable(settings, section, in)) return;
    for (const auto& list : before_.lists)
      if (list->is_still(settings)) return policy.lists.push_back(list);
    auto list = List::load(std::move(settings));
    if (list)
      policy.lists.push_back(std::move(*list));
    else
      errors += list.error().text + (list.error().text.ends_with('\n') ? "" : "\n");
  }

  // What a mail program shows of it: checkpass cuts and mends what is not so.
  void check_message(const std::string& in, const std::string& message) {
    constexpr std::size_t longest = 200;
    const bool plain =
        std::all_of(message.begin(), message.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (plain && message.size() <= longest) return;
    errors += cat(file_.where(path_, in, "message"), ": must be ASCII, and ", longest,
                  " bytes at most\n");
  }

  void add_zone(const config::Named<config::Options::dnsbl_options>& section) {
    ListSettings settings;
    settings.name = section.name;
    settings.type = &dnsbl_type();
    check_message(cat("dnsbl ", section.name), section.message);
    settings.mode = mode_named(section.mode);
    settings.on_unknown = on_unknown_named(section.unknown);
    settings.message = section.message.empty() ? file_.options.lists.message : section.message;
    policy.lists.push_back(List::of_zone(std::move(settings)));
  }

  Policy policy;
  std::string errors, warnings;

 private:
  // All that is wrong with the section is told.
  bool is_usable(ListSettings& settings, const config::Options::list_options& section,
                 const std::string& in) {
    const auto before = errors.size();
    const auto complain = [&](const char* name, std::string_view what) {
      errors += cat(file_.where(path_, in, name), ": ", what, "\n");
    };
    if (settings.path.empty()) complain("path", "must be given");
    if (!settings.type) {
      complain("type", section.type.empty()
                           ? cat(settings.name, " is no type of list, and none is given")
                           : cat("there is no type of list ", base::printable(section.type)));
      return false;
    }
    const auto& type = *settings.type;
    if (type.effect != Effect::refuse) {
      if (file_.has(in, "mode") && settings.mode == Mode::log)
        complain("mode", "log is for lists that refuse");
      settings.mode = Mode::enforce;
    }
    if (file_.has(in, "pattern_syntax") && !type.has_patterns)
      complain("pattern_syntax", cat("there are no patterns in a list of ", type.name));
    const auto& maxmind = file_.options.maxmind;
    if ((type.database == "city" && maxmind.city.empty()) ||
        (type.database == "asn" && maxmind.asn.empty()))
      complain("type", cat(type.name, " needs [maxmind] ", type.database));
    if (const auto warning = warning_of(type, file_.options); !warning.empty())
      warnings += cat(file_.where(path_, in, "type"), ": warning: ", warning, "\n");
    return errors.size() == before;
  }

  const config::File& file_;
  const std::string& path_;
  const Policy& before_;
};

std::ptrdiff_t place_of(const ListType* type) {
  return type == &dnsbl_type() ? PTRDIFF_MAX : type - list_types().data();
}

}  // namespace

std::string warning_of(const ListType& type, const config::Options& options) {
  const auto& registry = options.registry;
  const bool seeds = !registry.seeds.empty(), asn = !options.maxmind.asn.empty();
  const bool asks = registry.ask != "never", cymru = asks && registry.cymru == "yes";
  const bool rdap = asks && !registry.rdap.empty();
  const std::pair<facts::Needs, bool> known[] = {
      {facts::needs_as_numbers, asn || cymru},
      {facts::needs_as_cc, seeds || cymru},
      {facts::needs_as_names, (seeds && asn) || cymru},
      {facts::needs_network, seeds || rdap || (asks && !registry.whois.empty())},
      {facts::needs_entities, rdap}};
  for (const auto& [need, is_known] : known)
    if ((type.needs & need) && !is_known)
      return cat("nobody can tell what a list of ", type.name,
                 " is about: [registry] asks nobody for it, and no file has it");
  return "";
}

Result<Policy> load_policy(const config::File& file, const std::string& path, const Policy& before,
                           std::string& warnings) {
  Loading loading(file, path, before);
  loading.check_message("lists", file.options.lists.message);
  loading.add_ignored();
  for (const auto& section : file.options.list) loading.add_list(section);
  for (const auto& section : file.options.dnsbl) loading.add_zone(section);
  if (!loading.errors.empty()) return Error{loading.errors};
  std::stable_sort(loading.policy.lists.begin(), loading.policy.lists.end(),
                   [](const auto& a, const auto& b) {
                     return place_of(a->settings().type) < place_of(b->settings().type);
                   });
  warnings += loading.warnings;
  return std::move(loading.policy);
}

}  // namespace rules
