// See attempts.h. Clients choose much of it, and people read it: whatever could be markup, or is no
// UTF-8, is escaped here, and what is too long for its column is cut.
// SPDX-License-Identifier: MIT

#include "cached/trail/attempts.h"

#include <algorithm>
#include <limits>

#include "cached/base/text.h"
#include "cached/trail/use.h"

namespace trail {

using base::Answer;
using base::cat;
using stores::Attempts;

namespace {

// The columns of sql/mysql.sql, in characters.
struct Width {
  std::string Attempts::*text;
  std::size_t characters;
};
constexpr Width widths[] = {{&Attempts::host, 64},   {&Attempts::protocol, 10},
                            {&Attempts::user, 80},   {&Attempts::remote_ip, 40},
                            {&Attempts::country, 4}, {&Attempts::session, 255},
                            {&Attempts::rule, 255},  {&Attempts::reason, 255}};

// Whether a rule refused it. Who had the right password and was denied all the same was refused by
// one: a list, or the network that it came from.
std::optional<bool> policy_reject_of(const base::Verdict& verdict) {
  if (verdict.answer == Answer::permit) return false;
  const bool by_rule = verdict.auth_ok == true || !verdict.matched.empty();
  if (verdict.answer == Answer::deny && by_rule) return true;
  return std::nullopt;
}

}  // namespace

Attempts attempts_of(const Attempt& attempt, std::int64_t time) {
  const auto& [login, verdict, facts] = attempt;
  Attempts row;
  row.host = host_name();
  row.protocol = login.service;
  row.user = login.user;
  row.remote_ip = login.remote_ip;
  if (const auto* geo = facts ? facts->geo.find() : nullptr) row.country = geo->country.code;
  row.auth_ok = verdict.answer == Answer::permit ? true : verdict.auth_ok;
  row.policy_reject = policy_reject_of(verdict);
  row.session = login.session;
  row.rule = verdict.rule;
  row.reason = verdict.reason;
  row.password_id = verdict.password ? verdict.password->id : 0;
  row.first = row.last = time;
  for (const auto& [text, characters] : widths)
    row.*text = base::first_characters(base::printable(row.*text), characters);
  return row;
}

// What is left of it in a row that counts more than what is alike.
Attempts Folds::reduced(const Attempts& attempt, Detail detail) {
  if (detail == whole) return attempt;
  Attempts row;
  row.host = attempt.host;
  row.auth_ok = attempt.auth_ok;
  row.policy_reject = attempt.policy_reject;
  row.reason = "[audit] connection_log_rows: too many, and not told apart";
  row.first = attempt.first;
  row.last = attempt.last;
  if (detail == by_address) row.remote_ip = attempt.remote_ip;
  if (detail == by_address) row.country = attempt.country;
  return row;
}

std::string Folds::key_of(const Attempts& attempt, Detail detail) {
  const auto judged = [](const std::optional<bool>& is) { return is ? *is ? '1' : '0' : '-'; };
  const std::string key = cat(int(detail), judged(attempt.auth_ok), judged(attempt.policy_reject));
  if (detail == all) return key;
  if (detail == by_address) return cat(key, attempt.remote_ip);
  return cat(key, attempt.remote_ip, "\n", attempt.user, "\n", attempt.protocol, "\n",
             attempt.password_id, "\n", attempt.rule, "\n", attempt.reason);
}

std::size_t Folds::limit_of(bool is_right, Detail detail) const {
  if (detail == all) return std::numeric_limits<std::size_t>::max();  // one for each outcome
  const std::size_t most = is_right ? most_ * 10 : most_;
  return detail == whole ? most : most / 10;
}

Attempts* Folds::add(const Attempts& attempt, Clock::time_point now) {
  const bool is_right = attempt.auth_ok == true;
  for (const Detail detail : {whole, by_address, all}) {
    std::string key = key_of(attempt, detail);
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
      Attempts& row = known->second->attempts;
      row.count++;
      row.last = std::max(row.last, attempt.last);
      return nullptr;
    }
    std::size_t& count = open_[is_right][detail];
    if (count == limit_of(is_right, detail)) continue;
    count++;
    rows_.push_back({std::move(key), now + length, &count, reduced(attempt, detail)});
    by_key_.emplace(rows_.back().key, std::prev(rows_.end()));
    return &rows_.back().attempts;
  }
  return nullptr;
}

std::vector<Attempts> Folds::take_ended(Clock::time_point now) {
  std::vector<Attempts> ended;
  while (!rows_.empty() && rows_.front().end <= now) {
    Row& row = rows_.front();
    if (row.attempts.count > 1) ended.push_back(std::move(row.attempts));
    --*row.count;
    by_key_.erase(row.key);
    rows_.pop_front();
  }
  return ended;
}

}  // namespace trail
