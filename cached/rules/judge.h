// May somebody from there log in? The lists in their order, the first that matches decides. Pure:
// facts in, judgement out.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cached/facts/facts.h"
#include "cached/rules/list.h"

namespace rules {

// The lists, in the order of judgement.
struct Policy {
  std::vector<std::shared_ptr<const List>> lists;

  bool empty() const { return lists.empty(); }
  bool has_trials() const;     // lists in mode = log
  facts::Needs needs() const;  // what has to be asked for before all of them can be judged
};

struct Judgement {
  // ask: it depends on facts that are still pending.
  enum class Is { allowed, ignored, refused, later, ask } is = Is::allowed;

  // The list that decided, and its rule; no rule: it is what the list says of the unknown.
  std::shared_ptr<const List> list;
  std::optional<RuleId> rule;

  // Lists in mode = log that would not have let in, as TYPE FILE:LINE, or TYPE LIST cannot tell.
  // Those whose facts are pending are left out.
  std::vector<std::string> would_block;
};

// A private address is let in without a look at the lists, but for those of whom to ignore.
Judgement judge(const Policy& policy, const facts::Facts& facts, Time now);

}  // namespace rules
