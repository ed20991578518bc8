// See report.h. What is counted is in report/summary.cc, what is told of it in report/tables.cc.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report.h"

#include <ctime>
#include <iostream>

#include "cached/base/text.h"
#include "cached/ctl/report/options.h"
#include "cached/ctl/report/tables.h"

namespace ctl {
namespace {

using base::Result;
using report::Seconds;

constexpr Seconds day = 86400;
constexpr int exit_usage = 2;

int fail(const base::Error& error) {
  std::cerr << "cachedctl: " << error.text << '\n';
  return exit_usage;
}

}  // namespace

Result<int> print_report(const config::Options&, Arguments arguments) {
  std::string known_path, bad;
  Seconds before = 30 * day;
  report::Limits limits;
  const auto other = [&](const std::string& name, const std::string& value) {
    if (name == "--known") {
      known_path = value;
    } else if (name == "--before") {
      before = report::parse_span(value).value_or(0);
      if (!before) bad = "--before is a time such as 30d";
    } else if (name == "--speed") {
      const auto speed = base::parse_number<std::uint32_t>(value);
      if (!speed || *speed == 0) bad = "--speed is a number of km/h";
      limits.speed = speed.value_or(0);
    } else {
      return false;
    }
    return true;
  };
  const auto asked =
      report::parse_options({arguments.begin(), arguments.end()}, day, std::time(nullptr), other);
  if (!asked) return fail(asked.error());
  if (!bad.empty()) return fail({bad});
  if (!asked->words.empty()) return fail({base::cat("not understood: ", asked->words.front())});
  const auto known =
      known_path.empty() ? Result<report::Known>(report::Known()) : report::load_known(known_path);
  if (!known) return fail(known.error());

  const bool many_days = asked->until - asked->since > 3 * day;
  const report::Span span{asked->since, asked->until, many_days ? day : 3600,
                          report::east_of_utc(asked->until)};
  report::Summary summary(span, *known, limits);
  const auto read = report::read_events(*asked, asked->since - before,
                                        [&](const report::Event& event) { summary.add(event); });
  if (!read) return read.error();
  auto sheet = report::sheet_of(summary, *known);
  sheet.notes.insert(sheet.notes.end(), read->notes.begin(), read->notes.end());
  std::cout << asked->write(sheet) << std::flush;
  if (!std::cout) return base::Error{"standard output cannot be written"};
  return EXIT_SUCCESS;
}

}  // namespace ctl
