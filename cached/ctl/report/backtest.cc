// See backtest.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/backtest.h"

#include <algorithm>

#include "cached/base/text.h"
#include "cached/ctl/report/tables.h"

namespace ctl::report {
namespace {

using base::cat;
using rules::Judgement;

constexpr std::size_t most_rows = 100'000;
constexpr std::size_t most_names = 500'000;  // of users and passwords that are counted
constexpr char nul = '\0';

void remember(std::set<std::string, std::less<>>& names, const std::string& name) {
  if (!name.empty() && names.size() < most_names) names.insert(name);
}

// Audit lines have the names of countries, and no codes, which only the journal's fields have. To a
// list of codes such a country is not known; and to others, where rows of the database have but a
// name.
bool lacks_code(const rules::ListType& type, const facts::Facts& facts) {
  const auto* geo = facts.geo.find();
  if (!geo || !geo->country.code.empty()) return false;
  const bool has_id = geo->country.geoname_id || geo->registered_country.geoname_id;
  return type.name == "geo_countries" || (!has_id && !geo->country.name.empty());
}

}  // namespace

Backtest::Backtest(Span span, const std::vector<std::shared_ptr<const rules::List>>& lists,
                   const std::vector<std::shared_ptr<const rules::List>>& exceptions)
    : span_(span), bar_(span.bar), hits_(most_rows), rules_(most_rows), points_(most_rows) {
  for (const auto& list : lists) {
    auto& tried = tried_.emplace_back();
    tried.list = list;
    tried.policy.lists = exceptions;
    tried.policy.lists.push_back(list);
  }
}

void Backtest::add(const Event& event) {
  if (event.time && (event.time < span_.since || event.time >= span_.until)) return;
  if (!event.has_address) return;
  bool refused = false;
  for (Tried& tried : tried_) refused = judge(tried, event) || refused;
  if (event.outcome != Outcome::let_in) return;
  judged_ += event.times;
  const std::size_t series = refused ? 1 : 0;
  if (event.time) bars_[bar_.start_of(event.time)][series] += event.times;
  count_point(points_, event, series);
  if (!refused) return;
  refused_ += event.times;
  remember(users_, event.user);
  remember(passwords_, event.password_id);
  if (event.time) days_.insert(day_.start_of(event.time));
}

bool Backtest::judge(Tried& tried, const Event& event) {
  const auto now = static_cast<rules::Time>(span_.until);
  const auto& type = *tried.list->settings().type;
  auto judgement = rules::Judgement();
  if (lacks_code(type, event.facts)) {
    auto known = event.facts;
    known.geo = {};
    judgement = rules::judge(tried.policy, known, now);
  } else {
    judgement = rules::judge(tried.policy, event.facts, now);
  }
  if (judgement.is == Judgement::Is::later && event.outcome == Outcome::let_in)
    tried.not_known += event.times;
  if (judgement.is != Judgement::Is::refused) return false;
  tried.refused[static_cast<std::size_t>(event.outcome)] += event.times;
  if (event.outcome == Outcome::let_in) count(tried, event, *judgement.rule);
  return true;
}

void Backtest::count(Tried& tried, const Event& event, rules::RuleId id) {
  remember(tried.users, event.user);
  remember(tried.passwords, event.password_id);
  const auto where = tried.list->where(id);
  auto& rule = rules_[where];
  if (rule.count == 0) rule.reason = tried.list->reason_of(id);
  rule.count += event.times;
  remember(rule.users, event.user);
  auto& hit = hits_[cat(event.user, nul, event.password_id, nul, where)];
  if (hit.count == 0) {
    hit.user = event.user, hit.password_id = event.password_id, hit.rule = where;
    hit.first = event.time;
  }
  hit.count += event.times;
  hit.comment = event.comment, hit.ip = event.ip, hit.place = place_of(event);
  if (!event.time) return;
  hit.first = hit.first ? std::min(hit.first, event.time) : event.time;
  hit.last = std::max(hit.last, event.time);
  hit.days.insert(day_.start_of(event.time));
  tried.days.insert(day_.start_of(event.time));
}

Table Backtest::lists_table() const {
  Table table{"lists", "Lists", "each tried by itself", {}, {}, 0};
  table.columns = {{"logins", "logins", Kind::count},
                   {"users", "users", Kind::count},
                   {"passwords", "app passwords", Kind::count},
                   {"days", "days", Kind::count},
                   {"not_known", "could not tell", Kind::count},
                   {"refused", "refused anyway", Kind::count},
                   {"failed", "wrong passwords", Kind::count},
                   {"entries", "entries", Kind::count},
                   {"type", "type"},
                   {"list", "list"}};
  for (const Tried& tried : tried_) {
    const auto& settings = tried.list->settings();
    table.rows.push_back({of(tried.refused, Outcome::let_in), std::uint64_t{tried.users.size()},
                          std::uint64_t{tried.passwords.size()}, std::uint64_t{tried.days.size()},
                          tried.not_known, of(tried.refused, Outcome::refused),
                          of(tried.refused, Outcome::failed), std::uint64_t{tried.list->size()},
                          std::string(settings.type->name), settings.path});
  }
  return table;
}

Table Backtest::rules_table() const {
  Table table{"rules", "Rules", "", {}, {}, 0};
  table.columns = {{"logins", "logins", Kind::count},
                   {"users", "users", Kind::count},
                   {"rule", "rule"},
                   {"reason", "reason"}};
  fill(table, rules_, [](std::string_view key, const Rule& row) {
    return std::vector<Cell>{row.count, std::uint64_t{row.users.size()}, std::string(key),
                             row.reason};
  });
  return table;
}

Table Backtest::hits_table() const {
  Table table{"refused", "Who would have been refused", "logins that were let in", {}, {}, 0};
  table.columns = {{"logins", "logins", Kind::count},
                   {"days", "days", Kind::count},
                   {"user", "user"},
                   {"password", "app password"},
                   {"comment", "comment"},
                   {"rule", "rule"},
                   {"first", "first", Kind::time},
                   {"last", "last", Kind::time},
                   {"address", "from"},
                   {"place", "place"}};
  fill(table, hits_, [](std::string_view, const Hit& row) {
    return std::vector<Cell>{row.count,   std::uint64_t{row.days.size()},
                             row.user,    row.password_id,
                             row.comment, row.rule,
                             row.first,   row.last,
                             row.ip,      row.place};
  });
  return table;
}

Sheet Backtest::sheet() const {
  Sheet sheet;
  sheet.title = "Back-test";
  sheet.since = span_.since, sheet.until = span_.until;
  sheet.figures = {{"judged", "logins let in, and judged again", judged_},
                   {"refused", "would have been refused", refused_},
                   {"users", "users of these", users_.size()},
                   {"passwords", "app passwords of these", passwords_.size()},
                   {"days", "days on which that would have been", days_.size()}};
  sheet.series = {"let_in", "would_refuse"};
  sheet.tables = {lists_table(), rules_table(), hits_table()};
  sheet.bar = span_.bar;
  sheet.bars = bars_of(bars_, span_);
  sheet.points = points_of(points_);
  return sheet;
}

}  // namespace ctl::report
