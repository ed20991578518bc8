// One list, compiled: its settings, its rules, and whether an address is on it.
// SPDX-License-Identifier: MIT

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cached/base/result.h"
#include "cached/facts/facts.h"
#include "cached/rules/list_file.h"
#include "cached/rules/list_types.h"

namespace rules {

enum class Mode { enforce, log };
enum class OnUnknown { allow, deny, later };

struct ListSettings {
  std::string name;  // [list NAME], or of the zone
  const ListType* type = nullptr;
  std::string path;  // a file or a directory; empty: a zone
  Syntax syntax = Syntax::regex;
  Mode mode = Mode::enforce;
  OnUnknown on_unknown = OnUnknown::allow;
  std::string message;  // for the user

  bool operator==(const ListSettings&) const = default;
};

// What a list says of somebody. pending, unknown: it did not match what is known of him, and there
// may be more to know.
struct Outcome {
  enum class Is { matched, not_matched, unknown, pending } is = Is::not_matched;
  RuleId rule = 0;  // of matched; 0 for a zone
};

class List {
 public:
  // Blocks. All errors, a line each: FILE:LINE: text.
  static base::Result<std::shared_ptr<const List>> load(ListSettings settings);

  // Blocks. Whether load() with these settings would give the same again.
  bool is_still(const ListSettings& settings) const;

  // A list whose entries stand in the configuration itself; `where` is for the audit line.
  static std::shared_ptr<const List> of_networks(ListSettings settings,
                                                 const std::vector<base::Network>& networks,
                                                 const std::string& where);
  static std::shared_ptr<const List> of_zone(ListSettings settings);

  const ListSettings& settings() const { return settings_; }
  Outcome match(const facts::Facts& facts, Time now) const;

  // For one subject alone, whatever the type looks at.
  std::optional<RuleId> find(const Subject& subject, Time now) const;

  std::string where(RuleId rule) const;           // FILE:LINE; of a zone, its name
  std::string_view reason_of(RuleId rule) const;  // empty: none given
  std::size_t size() const { return rules_.size(); }

 private:
  std::string add_all(const ListText& list);  // its errors

  ListSettings settings_;
  std::vector<ListFile> files_;
  std::vector<Rule> rules_;
  std::map<RuleId, std::string> reasons_;
  std::unique_ptr<Matcher> matcher_;
};

}  // namespace rules
