// What `cachedctl report` and `cachedctl backtest` have in common: where the history comes from, of
// which time, and how the result is written.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/ctl/report/event.h"
#include "cached/ctl/report/sheet.h"

namespace ctl::report {

struct Asked {
  std::vector<std::string> from;  // journal, database, -, or files
  Seconds now = 0;
  Seconds since = 0, until = 0;
  std::string (*write)(const Sheet& sheet) = write_text;
  std::size_t rows = 0;            // of a table, at most; 0: as many as suit the form
  std::vector<std::string> words;  // what is no option
  bool help = false;
};

// Of the options that are taken here.
inline constexpr char help[] =
    "  --since TIME      how long a time until now: 90m, 24h, 30d, 2w\n"
    "  --until MOMENT    and not until now: 2026-11-21T06:00:00\n"
    "  --from SOURCE     journal (the default), database, a directory of journal files, a file\n"
    "                    with audit lines (also .gz), or - for standard input; any number of them\n"
    "  --format FORM     text, html (one page with a map) or json\n"
    "  --rows NUMBER     of each table, at most\n";

// 90m, 24h, 30d, 2w; nullopt: none, or longer than ten years.
std::optional<Seconds> parse_span(std::string_view text);

// An option of one command, with the word behind it: whether it is one, or what is wrong with it.
using OtherOptions =
    std::function<base::Result<bool>(const std::string& name, const std::string& value)>;

// Takes what is understood, and asks `other` about the rest. now: the time it is, unless --until
// says another.
base::Result<Asked> parse_options(const std::vector<std::string>& arguments, Seconds span,
                                  Seconds now, const OtherOptions& other);

struct Read {
  std::uint64_t lines = 0, events = 0;
  std::vector<std::string> notes;  // what was not understood
};

// Blocks. All events from the time on, in the order of the sources. `options` say where the
// database is.
base::Result<Read> read_events(const Asked& asked, Seconds since, const config::Options& options,
                               const std::function<void(Event&)>& take);

}  // namespace ctl::report
