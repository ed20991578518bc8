// Whom would lists have refused? Each login of the history is judged again, by the rules' own
// engine, with what its audit line tells of the address. Pure.
// SPDX-License-Identifier: MIT

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cached/ctl/report/sheet.h"
#include "cached/ctl/report/summary.h"
#include "cached/rules/judge.h"

namespace ctl::report {

class Backtest {
 public:
  // `lists` are tried, each by itself behind the `exceptions` (of ignore_networks and
  // allow_networks). They must say "later" of what they do not know, which is counted. Entries with
  // until= hold as they do at the end of the span.
  Backtest(Span span, const std::vector<std::shared_ptr<const rules::List>>& lists,
           const std::vector<std::shared_ptr<const rules::List>>& exceptions);

  void add(const Event& event);
  Sheet sheet() const;

 private:
  // One user, with one app password, refused by one rule.
  struct Hit {
    std::uint64_t count = 0;
    Seconds first = 0, last = 0;
    std::string user, password_id, comment, rule, ip, place;
    std::set<Seconds> days;
  };
  struct Rule {
    std::uint64_t count = 0;
    std::set<std::string, std::less<>> users;
    std::string reason;
  };
  struct Tried {
    std::shared_ptr<const rules::List> list;
    rules::Policy policy;
    Counts refused{};  // by what had become of them
    std::uint64_t not_known = 0;
    std::set<std::string, std::less<>> users, passwords;
    std::set<Seconds> days;
  };

  bool judge(Tried& tried, const Event& event);
  void count(Tried& tried, const Event& event, rules::RuleId rule);
  Table lists_table() const;
  Table rules_table() const;
  Table hits_table() const;

  const Span span_;
  Calendar bar_, day_ = Calendar(Calendar::Unit::day);
  std::vector<Tried> tried_;
  std::uint64_t judged_ = 0, refused_ = 0;
  std::set<std::string, std::less<>> users_, passwords_;
  std::set<Seconds> days_;
  Tally<Hit> hits_;
  Tally<Rule> rules_;
  Tally<Point> points_;
  std::map<Seconds, Counts> bars_;
};

}  // namespace ctl::report
