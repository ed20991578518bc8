// See report.h. What is counted is in report/summary.cc and report/backtest.cc, what is told of it
// in report/tables.cc.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report.h"

#include <algorithm>
#include <ctime>
#include <iostream>

#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/ctl/list_settings.h"
#include "cached/ctl/report/backtest.h"
#include "cached/ctl/report/countries.h"
#include "cached/ctl/report/options.h"
#include "cached/ctl/report/tables.h"
#include "cached/ctl/usage.h"

namespace ctl {
namespace {

using base::Error;
using base::Result;
using report::Seconds;

constexpr Seconds day = 86400;

constexpr char report_usage[] =
    "usage: cachedctl [--config FILE] report [OPTION...]\n"
    "What the logins of the last day were, what is suspicious first.\n\n"
    "  --known FILE      networks and hosts that need not be told first (YAML)\n"
    "  --before TIME     what is new is not in so long a time before; 30d\n"
    "  --speed KM/H      faster than that nobody travels; 1000\n";
constexpr char backtest_usage[] =
    "usage: cachedctl [--config FILE] backtest [OPTION...] LISTFILE...\n"
    "Whom these lists would have refused in the last 30 days.\n\n"
    "  --type TYPE       of the lists; by default as the configuration or the file's name says\n"
    "  --syntax SYNTAX   of patterns: regex, lua or prefix\n";

int show(const char* usage) {
  std::cout << usage << report::help << "\nSee cachedctl(8).\n";
  return EXIT_SUCCESS;
}

// What happens in this second is of the time until now.
Seconds end_of_now() { return std::time(nullptr) + 1; }

// Some dozens of bars, also of ten years.
report::Span span_of(const report::Asked& asked) {
  using Unit = report::Calendar::Unit;
  const auto length = asked.until - asked.since;
  const auto bar = length <= 3 * day ? Unit::hour : length <= 100 * day ? Unit::day : Unit::month;
  return {asked.since, asked.until, bar};
}

// A terminal and a mail have the first rows; a page, whose tables are narrowed by a word, has many.
void shorten(report::Sheet& sheet, const report::Asked& asked) {
  const std::size_t suitable = asked.write == report::write_text ? 25 : report::most_table_rows;
  const auto most = asked.rows ? asked.rows : suitable;
  for (auto& table : sheet.tables) {
    if (table.rows.size() <= most) continue;
    table.left_out += table.rows.size() - most;
    table.rows.resize(most);
  }
}

Result<int> print(const report::Asked& asked, report::Sheet sheet, const report::Read& read) {
  sheet.notes.insert(sheet.notes.end(), read.notes.begin(), read.notes.end());
  shorten(sheet, asked);
  std::cout << asked.write(sheet) << std::flush;
  if (!std::cout) return Error{"standard output cannot be written"};
  return EXIT_SUCCESS;
}

using Lists = std::vector<std::shared_ptr<const rules::List>>;

Result<std::shared_ptr<const rules::List>> load_for_trial(const config::Options& options,
                                                          const std::string& path,
                                                          const GivenForList& given) {
  auto settings = settings_for(options, path, given);
  if (!settings) return settings.error();
  if (settings->type->effect != rules::Effect::refuse)
    return Error{base::cat(path, ": a list of ", settings->type->name, " refuses nobody")};
  settings->on_unknown = rules::OnUnknown::later;  // to be counted
  return rules::List::load(*settings);
}

Result<report::CountryCodes> codes_from(const config::Options& options) {
  if (options.maxmind.city.empty()) return report::CountryCodes(nullptr);
  const auto city = facts::open_mmdb(options.maxmind.city, nullptr);
  if (!city) return city.error();
  return report::CountryCodes(*city);
}

// Who is let in whatever other lists say, in the order in which they are judged.
Result<Lists> exceptions_of(const config::Options& options) {
  const auto* const ignored = rules::find_list_type("ignore_networks");
  const auto* const allowed = rules::find_list_type("allow_networks");
  rules::ListSettings settings;
  settings.type = ignored;
  Lists lists = {rules::List::of_networks(settings, options.audit.ignore_networks, "")};
  for (const auto* type : {ignored, allowed})
    for (const auto& section : options.list) {
      if ((section.type.empty() ? section.name : section.type) != type->name) continue;
      const auto of_section = settings_for(options, section.path, {type, {}});
      if (!of_section) return of_section.error();
      const auto list = rules::List::load(*of_section);
      if (!list) return list.error();
      lists.push_back(*list);
    }
  return lists;
}

// Only the journal and logs may need root.
base::Status leave_root(const report::Asked& asked, const config::Options& options) {
  const bool all = std::all_of(asked.from.begin(), asked.from.end(),
                               [](const std::string& from) { return from == "database"; });
  return all ? base::drop_root(options.server.user, "") : base::Done{};
}

}  // namespace

Result<int> print_report(const config::Options& options, Arguments arguments) {
  std::string known_path;
  Seconds before = 30 * day;
  report::Limits limits;
  const auto other = [&](const std::string& name, const std::string& value) -> Result<bool> {
    if (name == "--known") {
      known_path = value;
    } else if (name == "--before") {
      before = report::parse_span(value).value_or(0);
      if (!before) return Error{"--before is a time such as 30d"};
    } else if (name == "--speed") {
      const auto speed = base::parse_number<std::uint32_t>(value);
      if (!speed || *speed == 0) return Error{"--speed is a number of km/h"};
      limits.speed = *speed;
    } else {
      return false;
    }
    return true;
  };
  const auto asked =
      report::parse_options({arguments.begin(), arguments.end()}, day, end_of_now(), other);
  if (!asked) return wrong_usage(asked.error().text);
  if (asked->help) return show(report_usage);
  if (!asked->words.empty())
    return wrong_usage(base::cat("not understood: ", asked->words.front()));
  const auto known =
      known_path.empty() ? Result<report::Known>(report::Known()) : report::load_known(known_path);
  if (!known) return wrong_usage(known.error().text);

  const auto unprivileged = leave_root(*asked, options);
  if (!unprivileged) return unprivileged.error();

  report::Summary summary(span_of(*asked), *known, limits);
  const auto read = report::read_events(*asked, asked->since - before, options,
                                        [&](const report::Event& event) { summary.add(event); });
  if (!read) return read.error();
  return print(*asked, report::sheet_of(summary, *known), *read);
}

Result<int> backtest(const config::Options& options, Arguments arguments) {
  GivenForList given;
  const auto other = [&](const std::string& name, const std::string& value) {
    return take_list_option(given, name, value);
  };
  const auto asked =
      report::parse_options({arguments.begin(), arguments.end()}, 30 * day, end_of_now(), other);
  if (!asked) return wrong_usage(asked.error().text);
  if (asked->help) return show(backtest_usage);
  if (asked->words.empty()) return wrong_usage("backtest LISTFILE...");
  Lists lists;
  for (const std::string& path : asked->words) {
    const auto list = load_for_trial(options, path, given);
    if (!list) return wrong_usage(list.error().text);
    lists.push_back(*list);
  }
  const auto exceptions = exceptions_of(options);
  if (!exceptions) return wrong_usage(exceptions.error().text);
  auto codes = codes_from(options);
  if (!codes) return wrong_usage(codes.error().text);
  const auto unprivileged = leave_root(*asked, options);
  if (!unprivileged) return unprivileged.error();
  report::Backtest test(span_of(*asked), lists, *exceptions);
  const auto read = report::read_events(*asked, asked->since, options, [&](report::Event& event) {
    codes->complete(event);
    test.add(event);
  });
  if (!read) return read.error();
  return print(*asked, test.sheet(), *read);
}

}  // namespace ctl
