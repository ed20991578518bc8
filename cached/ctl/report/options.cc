// See options.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/options.h"

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "cached/base/text.h"
#include "cached/config/file.h"
#include "cached/ctl/report/journal.h"
#include "cached/ctl/report/past.h"
#include "cached/ctl/report/reader.h"
#include "cached/ctl/report/source.h"

namespace ctl::report {
namespace {

using base::cat;
using base::Error;
using base::Result;

struct Format {
  std::string_view name;
  std::string (*write)(const Sheet& sheet);
};
constexpr Format formats[] = {{"text", write_text}, {"html", write_html}, {"json", write_json}};

// A stamp as in a log, of the past.
std::optional<Seconds> parse_moment(const std::string& text, Seconds now) {
  std::string_view rest = text;
  const Seconds time = Stamps(now).take(rest);
  return time && rest.empty() ? std::optional(time) : std::nullopt;
}

base::Status set(Asked& asked, std::optional<Seconds>& span, const std::string& name,
                 const std::string& value) {
  if (name == "--from") {
    asked.from.push_back(value);
  } else if (name == "--since") {
    span = parse_span(value);
    if (!span) return Error{"--since is a time such as 24h or 30d"};
  } else if (name == "--until") {
    const auto until = parse_moment(value, asked.now);
    if (!until) return Error{"--until is a time such as 2026-11-21T06:00:00"};
    asked.until = *until;
  } else if (name == "--rows") {
    asked.rows = base::parse_number<std::uint32_t>(value).value_or(0);
    if (asked.rows == 0 || asked.rows > most_table_rows)
      return Error{cat("--rows is a number up to ", most_table_rows)};
  } else {
    const auto format = std::find_if(std::begin(formats), std::end(formats),
                                     [&](const Format& row) { return row.name == value; });
    if (format == std::end(formats)) return Error{"--format is text, html or json"};
    asked.write = format->write;
  }
  return base::Done{};
}

// The database as cached has it, and the files that cached looks addresses up in. What cannot be
// opened of these is a note: the rows have something to tell without.
Result<std::uint64_t> read_rows(const config::Options& options, Seconds since, Seconds until,
                                const std::function<void(Event&)>& take,
                                std::vector<std::string>& notes) {
  const auto history = stores::open_history(options.database);
  if (!history) return history.error();
  config::File file = config::default_file();
  file.options = options;
  std::string problems;
  const auto sources = facts::open_sources(file, "configuration", {}, problems, problems);
  for (int i = 0; const auto line = base::part(problems, '\n', i); i++)
    if (!line->empty()) notes.emplace_back(*line);
  const auto read = read_database(**history, sources, since, until, take);
  if (!read) return read.error();
  if (read->undated)
    notes.push_back(cat(read->undated, " rows of the database have no time, and are left out."));
  return read->rows;
}

}  // namespace

std::optional<Seconds> parse_span(std::string_view text) {
  constexpr std::pair<char, Seconds> units[] = {
      {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
  constexpr Seconds most = 10 * 366 * Seconds{86400};
  for (const auto& [letter, seconds] : units) {
    if (!text.ends_with(letter)) continue;
    const auto number = base::parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
    if (number && *number > 0 && *number <= most / seconds) return *number * seconds;
  }
  return std::nullopt;
}

Result<Asked> parse_options(const std::vector<std::string>& arguments, Seconds default_span,
                            Seconds now, const OtherOptions& other) {
  Asked asked;
  asked.now = asked.until = now;
  std::optional<Seconds> span = default_span;
  constexpr std::string_view own[] = {"--from", "--since", "--until", "--format", "--rows"};
  bool may_be_option = true;
  for (std::size_t i = 0; i < arguments.size(); i++) {
    const auto& word = arguments[i];
    const bool has_value = i + 1 < arguments.size();
    if (may_be_option && word == "--") {
      may_be_option = false;
    } else if (may_be_option && word == "--help") {
      asked.help = true;
    } else if (may_be_option && has_value &&
               std::find(std::begin(own), std::end(own), word) != std::end(own)) {
      const auto done = set(asked, span, word, arguments[++i]);
      if (!done) return done.error();
    } else if (may_be_option && word.starts_with("--")) {
      const auto taken = has_value ? other(word, arguments[++i]) : Result<bool>(false);
      if (!taken) return taken.error();
      if (!*taken) return Error{cat("not understood: ", word)};
    } else {
      asked.words.push_back(word);
    }
  }
  asked.since = asked.until - *span;
  if (asked.from.empty()) asked.from = {"journal"};
  return asked;
}

Result<Read> read_events(const Asked& asked, Seconds since, const config::Options& options,
                         const std::function<void(Event&)>& take) {
  Read read;
  std::uint64_t too_long = 0, broken = 0;
  const auto count = [&](Event& event) {
    if (event.time && event.time < since) return;
    read.events++;
    take(event);
  };
  for (const std::string& from : asked.from) {
    if (from == "database") {
      const auto rows = read_rows(options, since, asked.until, count, read.notes);
      if (!rows) return rows.error();
      read.lines += *rows;
      continue;
    }
    std::error_code ignored;
    if (from == "journal" || std::filesystem::is_directory(from, ignored)) {
      const auto directory = from == "journal" ? std::string() : from;
      const auto entries = read_journal(directory, since, asked.until, count);
      if (!entries) return entries.error();
      read.lines += *entries;
      continue;
    }
    Reader reader(asked.until);
    const auto taken = read_lines(from, [&](std::string_view line) {
      if (auto event = reader.read(line)) count(*event);
    });
    if (!taken) return taken.error();
    read.lines += taken->lines;
    too_long += taken->too_long;
    broken += reader.broken();
  }
  if (too_long) read.notes.push_back(cat(too_long, " lines are too long, and left out."));
  if (broken) read.notes.push_back(cat(broken, " lines begin as JSON and are none."));
  if (read.events == 0)
    read.notes.push_back(cat("Of ", read.lines, " lines none is an audit line of that time."));
  return read;
}

}  // namespace ctl::report
