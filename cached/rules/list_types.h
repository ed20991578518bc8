// The types of lists, one row each, in the order in which they are judged: the word in the
// configuration, the word in the audit line, how entries are read, and what of the facts is looked
// at.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "cached/facts/facts.h"
#include "cached/rules/matcher.h"

namespace rules {

// What it means to be on the list.
enum class Effect {
  ignore,  // let in, and not logged
  allow,   // let in, whatever the lists behind it say
  refuse
};

using See = std::function<void(const Subject&)>;

struct ListType {
  std::string_view name;     // [list NAME] type
  std::string_view matched;  // in the audit line, as the predecessors had it
  Effect effect;
  facts::Needs needs;                     // who has to be asked before it can be judged
  std::unique_ptr<Matcher> (*matcher)();  // null: it has no file
  bool has_patterns;
  std::string_view database;  // the option of [maxmind] without which nothing is known; or empty
  // Shows the known subjects. The state of those that cannot be shown: absent when there are none.
  facts::State (*look)(const facts::Facts& facts, const See& see);
  std::string_view doc;
};

std::span<const ListType> list_types();
const ListType* find_list_type(std::string_view name);  // null: there is none

// The row of a zone of [dnsbl], which is no list with a file.
const ListType& dnsbl_type();

}  // namespace rules
