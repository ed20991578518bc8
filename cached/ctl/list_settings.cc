// See list_settings.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/list_settings.h"

#include <filesystem>

#include "cached/base/text.h"

namespace ctl {
namespace {

using base::cat;
using base::Error;
using base::Result;

// The predecessors' file names, as asn.deny.lst, and ours.
const rules::ListType* type_by_name(const std::string& path) {
  constexpr std::pair<std::string_view, std::string_view> others[] = {
      {"as_dscr", "as_names"},
      {"asn_dscr", "as_names"},
      {"asn_num", "as_numbers"},
      {"hosts", "reverse_hostname"},
      {"geo_loc", "geo_location_ids"}};
  const auto file = std::filesystem::path(path).filename().string();
  const auto name = std::string_view(file).substr(0, file.find('.'));
  for (const auto& [word, type] : others)
    if (name == word) return rules::find_list_type(type);
  for (const auto& type : rules::list_types())
    if (name == type.name || name == type.matched) return &type;
  return nullptr;
}

}  // namespace

Result<bool> take_list_option(GivenForList& given, const std::string& name,
                              const std::string& value) {
  if (name == "--type") {
    given.type = rules::find_list_type(value);
    if (!given.type) return Error{cat("there is no type of list ", value)};
  } else if (name == "--syntax") {
    given.syntax = rules::syntax_named(value);
    if (!given.syntax) return Error{"--syntax is regex, lua or prefix"};
  } else {
    return false;
  }
  return true;
}

Result<rules::ListSettings> settings_for(const config::Options& options, const std::string& path,
                                         const GivenForList& given) {
  rules::ListSettings settings;
  settings.path = path;
  settings.type = given.type;
  if (given.syntax) settings.syntax = *given.syntax;
  for (const auto& list : options.list) {
    std::error_code ignored;
    if (list.path != path && !std::filesystem::equivalent(list.path, path, ignored)) continue;
    if (!settings.type)
      settings.type = rules::find_list_type(list.type.empty() ? list.name : list.type);
    const auto& syntax =
        list.pattern_syntax == "inherit" ? options.lists.pattern_syntax : list.pattern_syntax;
    if (!given.syntax) settings.syntax = *rules::syntax_named(syntax);
    if (!settings.type) return Error{cat("[list ", list.name, "]: there is no such type of list")};
    return settings;
  }
  if (!settings.type) settings.type = type_by_name(path);
  if (!settings.type && given.syntax) settings.type = rules::find_list_type("as_names");
  if (!settings.type) return Error{cat(path, ": say what kind of list it is with --type")};
  if (!given.syntax) settings.syntax = *rules::syntax_named(options.lists.pattern_syntax);
  return settings;
}

}  // namespace ctl
