// See list.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/list.h"

#include <algorithm>

#include "cached/base/text.h"

namespace rules {
namespace {

using base::cat;
using base::Error;
using base::Result;
using facts::State;

constexpr std::size_t most_rules = 20'000'000;  // Networks takes more

Outcome outcome_of(State state) {
  if (state == State::pending) return {Outcome::Is::pending};
  if (state == State::unknown) return {Outcome::Is::unknown};
  return {};
}

}  // namespace

Result<std::shared_ptr<const List>> List::load(ListSettings settings) {
  const auto texts = read_lists(settings.path);
  if (!texts) return texts.error();
  const auto list = std::make_shared<List>();
  list->settings_ = std::move(settings);
  list->matcher_ = list->settings_.type->matcher();
  std::string errors;
  std::ptrdiff_t lines = 0;
  for (const ListText& list_text : *texts)
    lines += std::count(list_text.text.begin(), list_text.text.end(), '\n') + 1;
  list->rules_.reserve(static_cast<std::size_t>(lines));
  for (const ListText& text : *texts) errors += list->add_all(text);
  const auto built = list->matcher_->build();
  if (!built) errors += cat(list->settings_.path, ": ", built.error().text, "\n");
  if (!errors.empty()) return Error{errors};
  return std::shared_ptr<const List>(list);
}

std::string List::add_all(const ListText& list) {
  const auto& type = *settings_.type;
  const auto file = static_cast<std::uint16_t>(files_.size());
  files_.push_back(list.file);
  if (files_.size() > UINT16_MAX) return cat(list.file.path, ": too many files\n");
  Lines lines(list, type.has_patterns ? Comments::behind_pattern : Comments::behind_anything);
  Entry entry;
  while (lines.next(entry)) {
    if (rules_.size() == most_rules) {
      lines.complain(entry.line, cat("a list has ", most_rules, " entries at most"));
      break;
    }
    const auto id = static_cast<RuleId>(rules_.size());
    const auto added = matcher_->add(entry.text, lines.syntax().value_or(settings_.syntax), id);
    if (!added) {
      lines.complain(entry.line, added.error().text);
      continue;
    }
    rules_.push_back({entry.line, entry.until, file});
    if (!entry.reason.empty()) reasons_.emplace(id, entry.reason);
  }
  return lines.errors();
}

bool List::is_still(const ListSettings& settings) const {
  return matcher_ && settings_ == settings && are_unchanged(settings.path, files_);
}

std::shared_ptr<const List> List::of_networks(ListSettings settings,
                                              const std::vector<base::Network>& networks,
                                              const std::string& where) {
  const auto list = std::make_shared<List>();
  list->settings_ = std::move(settings);
  list->files_ = {{where, std::nullopt}};
  list->matcher_ = make_network_list(networks);
  list->rules_.resize(networks.size());
  return list;
}

std::shared_ptr<const List> List::of_zone(ListSettings settings) {
  const auto list = std::make_shared<List>();
  list->settings_ = std::move(settings);
  return list;
}

std::optional<RuleId> List::find(const Subject& subject, Time now) const {
  return matcher_->find(subject, Live(rules_, now));
}

Outcome List::match(const facts::Facts& facts, Time now) const {
  if (!matcher_) {
    for (const auto& listing : facts.listings)
      if (listing.zone == settings_.name)
        return listing.codes.find() ? Outcome{Outcome::Is::matched, 0}
                                    : outcome_of(listing.codes.state());
    return {Outcome::Is::unknown};
  }
  const Live live(rules_, now);
  std::optional<RuleId> first;
  const auto see = [&](const Subject& subject) {
    const auto found = matcher_->find(subject, live);
    if (found && (!first || *found < *first)) first = found;
  };
  const State rest = settings_.type->look(facts, see);
  return first ? Outcome{Outcome::Is::matched, *first} : outcome_of(rest);
}

std::string List::where(RuleId rule) const {
  if (files_.empty()) return settings_.name;
  const Rule& at = rules_[rule];
  const std::string& path = files_[at.file].path;
  return at.line ? cat(path, ":", at.line) : path;
}

std::string_view List::reason_of(RuleId rule) const {
  const auto reason = reasons_.find(rule);
  return reason == reasons_.end() ? std::string_view() : std::string_view(reason->second);
}

}  // namespace rules
