// See judge.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/judge.h"

#include <algorithm>

#include "cached/base/text.h"

namespace rules {
namespace {

using Is = Judgement::Is;

Is decision_of(Effect effect) {
  switch (effect) {
    case Effect::ignore:
      return Is::ignored;
    case Effect::allow:
      return Is::allowed;
    case Effect::refuse:
      break;
  }
  return Is::refused;
}

// What a list that enforces makes of the outcome; nullopt: the next list is asked.
std::optional<Is> decide(const ListSettings& settings, const Outcome& outcome) {
  switch (outcome.is) {
    case Outcome::Is::matched:
      return decision_of(settings.type->effect);
    case Outcome::Is::pending:
      return Is::ask;
    case Outcome::Is::unknown:
      if (settings.on_unknown == OnUnknown::deny) return Is::refused;
      if (settings.on_unknown == OnUnknown::later) return Is::later;
      break;
    case Outcome::Is::not_matched:
      break;
  }
  return std::nullopt;
}

}  // namespace

bool Policy::has_trials() const {
  return std::any_of(lists.begin(), lists.end(),
                     [](const auto& list) { return list->settings().mode == Mode::log; });
}

facts::Needs Policy::needs() const {
  facts::Needs all = 0;
  for (const auto& list : lists) all |= list->settings().type->needs;
  return all;
}

Judgement judge(const Policy& policy, const facts::Facts& facts, Time now) {
  Judgement judgement;
  for (const auto& list : policy.lists) {
    const auto& settings = list->settings();
    if (facts.is_private && settings.type->effect != Effect::ignore) continue;
    const Outcome outcome = list->match(facts, now);
    const bool matched = outcome.is == Outcome::Is::matched;
    if (settings.mode == Mode::log) {
      if (decide(settings, outcome).value_or(Is::ask) != Is::ask)
        judgement.would_block.push_back(base::cat(
            settings.type->matched, " ",
            matched ? list->where(outcome.rule) : base::cat(settings.name, " cannot tell")));
      continue;
    }
    const auto decision = decide(settings, outcome);
    if (!decision) continue;
    judgement.is = *decision;
    judgement.list = list;
    if (matched) judgement.rule = outcome.rule;
    return judgement;
  }
  return judgement;
}

}  // namespace rules
