// See describe.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/describe.h"

#include "cached/base/text.h"
#include "cached/config/describe.h"
#include "cached/rules/list_types.h"

namespace rules {
namespace {

using base::cat;

// Who knows what the list is about.
std::string source_of(const ListType& type) {
  if (!type.database.empty()) return cat("Needs [maxmind] ", type.database, ". ");
  if (type.needs & facts::needs_names) return "Asks the DNS. ";
  if (type.needs & facts::needs_registry) return "Asks the registries. ";
  return "";
}

std::string word_of(const ListType& type) {
  return type.effect == Effect::refuse ? cat("In the audit line: matched=", type.matched, ".") : "";
}

}  // namespace

std::string describe_lists() {
  std::string out = ".Bl -tag -width indent\n";
  for (const ListType& type : list_types()) {
    out += cat(".It Cm ", type.name, "\n", config::sentences(type.doc));
    const auto more = config::sentences(cat(source_of(type), word_of(type)));
    if (!more.empty()) out += cat(".br\n", more);
  }
  return cat(out, ".El\n");
}

}  // namespace rules
