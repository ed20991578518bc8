// See open_log.h.
// SPDX-License-Identifier: MIT

#include "cached/config/open_log.h"

#include <algorithm>

#include "cached/base/log.h"
#include "cached/base/text.h"

namespace config {
namespace {

using base::cat;
using base::log::Level;
using base::log::Sink;

// Of the row of that name; the option allows no other.
template <class T, std::size_t N>
T named(const std::pair<std::string_view, T> (&rows)[N], std::string_view name) {
  const auto* row =
      std::find_if(rows, rows + N, [&](const auto& each) { return each.first == name; });
  return row == rows + N ? rows[0].second : row->second;
}

constexpr std::pair<std::string_view, Level> levels[] = {{"info", Level::info},
                                                         {"error", Level::error},
                                                         {"warning", Level::warning},
                                                         {"notice", Level::notice},
                                                         {"debug", Level::debug}};
constexpr std::pair<std::string_view, int> facilities[] = {
    {"mail", LOG_MAIL},     {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV},
    {"daemon", LOG_DAEMON}, {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}};

// A syslogd may come later; until then, line by line, stderr takes its place.
Sink sink_of(std::string_view option, std::string_view to, std::string& warnings) {
  const bool is_there = to == "syslog" ? base::log::has_syslog() : base::log::has_journal();
  if (!is_there && (to == "journal" || to == "syslog"))
    warnings += cat(option, " = ", to, ": there is no ", to == "syslog" ? "/dev/log" : "journald",
                    " here, writing to stderr\n");
  if (to == "syslog") return Sink::syslog;
  return to != "stderr" && is_there ? Sink::journal : Sink::standard_error;
}

}  // namespace

void open_log(const config::Options& options) {
  const auto& audit = options.audit.to;
  std::string warnings;
  base::log::Settings settings;
  settings.own = sink_of("[log] to", options.log.to, warnings);
  settings.audit = audit == "log" ? settings.own : sink_of("[audit] to", audit, warnings);
  settings.facility = named(facilities, options.log.facility);
  settings.least = named(levels, options.log.level);
  base::log::open(settings);
  base::log::warning(warnings);
}

}  // namespace config
