// See tables.h. A table is a function; their order is the report's.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/tables.h"

#include <cmath>

#include "cached/base/text.h"

namespace ctl::report {
namespace {

using base::cat;

using Cells = std::vector<Cell>;

// Where a list has refused somebody.
Cell marked(std::string_view text, std::uint64_t refused) {
  Cell cell{std::string(text)};
  cell.marked = refused > 0;
  return cell;
}

bool has_refused(const Where& row) { return row.refused > 0; }

Table blocked_users(const Summary& summary) {
  Table table{"blocked", "Blocked users", "", {}, {}, 0};
  table.columns = {{"logins", "logins", Kind::count},
                   {"user", "user"},
                   {"matched", "matched"},
                   {"rule", "rule"},
                   {"address", "from"},
                   {"place", "place"},
                   {"last", "last", Kind::time}};
  fill(table, summary.blocked, [](std::string_view, const Blocked& row) {
    const auto matched = row.value.empty() ? row.matched : cat(row.matched, ":", row.value);
    return Cells{row.count, row.user, matched, row.rule, row.ip, row.place, row.last};
  });
  return table;
}

Table systems(const Summary& summary, const Known& known, bool wanted) {
  Table table{wanted ? "known_asns" : "unknown_asns",
              wanted ? "Known ASNs" : "Unknown ASNs",
              "",
              {},
              {},
              0};
  table.columns = {{"logins", "logins", Kind::count},
                   {"asn", "AS"},
                   {"name", "name"},
                   {"refused", "refused", Kind::count},
                   {"comment", "comment"}};
  fill(
      table, summary.systems,
      [&](std::string_view key, const Where& row) {
        if (row.known != wanted) return Cells{};
        const auto comment = known.comments.find(key);
        return Cells{row.count, marked(key, row.refused), row.name, row.refused,
                     comment == known.comments.end() ? "" : cat("(", comment->second, ")")};
      },
      has_refused);
  return table;
}

Table addresses(const Summary& summary, bool wanted) {
  Table table{wanted ? "known_addresses" : "unknown_addresses",
              wanted ? "Known IPs and Hosts" : "Unknown IPs and Hosts",
              "",
              {},
              {},
              0};
  table.columns = {{"logins", "logins", Kind::count},
                   {"address", "address"},
                   {"host", "host"},
                   {"refused", "refused", Kind::count},
                   {"asn", "AS"}};
  fill(
      table, summary.addresses,
      [&](std::string_view key, const Where& row) {
        if (row.known != wanted) return Cells{};
        return Cells{row.count, marked(key, row.refused), row.name, row.refused, row.system};
      },
      has_refused);
  return table;
}

Table new_places(const Summary& summary) {
  Table table{"new", "New countries and networks", "", {}, {}, 0};
  table.note = summary.history ? "which the user had not had in the time before"
                               : "nothing is known of the time before";
  table.columns = {{"logins", "logins", Kind::count},
                   {"user", "user"},
                   {"kind", "new"},
                   {"value", "which"},
                   {"name", "name"},
                   {"address", "from"},
                   {"refused", "refused", Kind::count},
                   {"first", "first", Kind::time}};
  fill(table, summary.news, [](std::string_view, const New& row) {
    return Cells{row.count, row.user, row.kind,    marked(row.value, row.refused),
                 row.name,  row.ip,   row.refused, row.first};
  });
  return table;
}

std::string stop_text(const Stop& stop) {
  return cat(stop.place.empty() ? "somewhere" : stop.place, " (", stop.ip,
             stop.name.empty() ? "" : ", ", stop.name, ")");
}

Table journeys(const Summary& summary) {
  Table table{"travel", "Impossible travel", "", {}, {}, 0};
  table.note = cat("faster than ", std::lround(summary.limits.speed),
                   " km/h, the accuracy of both places taken off; the fastest of each");
  table.columns = {{"times", "times", Kind::count},
                   {"user", "user"},
                   {"kmh", "km/h", Kind::count},
                   {"km", "km", Kind::count},
                   {"from", "from"},
                   {"left", "left", Kind::time},
                   {"to", "to"},
                   {"arrived", "arrived", Kind::time}};
  fill(table, summary.journeys, [](std::string_view, const Journey& row) {
    const auto whole = [](double number) {
      return static_cast<std::uint64_t>(std::llround(number));
    };
    return Cells{row.count,           row.user,      whole(row.speed),  whole(row.distance),
                 stop_text(row.from), row.from.time, stop_text(row.to), row.to.time};
  });
  return table;
}

// Where many names were tried, and somebody was let in: a password may have been guessed. (Or it is
// the door of a large house.)
Table guessed(const Summary& summary) {
  constexpr std::size_t many = 5;
  Table table{"guessed", "Let in from where passwords are guessed", "", {}, {}, 0};
  table.note = cat("addresses that tried ", many, " names or more without a right password");
  table.columns = {{"logins", "let in", Kind::count},
                   {"user", "the last of them"},
                   {"attempts", "failed", Kind::count},
                   {"users", "tried", Kind::count},
                   {"address", "from"},
                   {"name", "name"},
                   {"last", "last failure", Kind::time}};
  fill(table, summary.failing_addresses, [&](std::string_view key, const Failing& row) {
    const auto* right = summary.addresses.find(key);
    if (row.users.size() < many || !right || right->known || right->user.empty()) return Cells{};
    return Cells{right->count - right->refused,
                 right->user,
                 row.count,
                 std::uint64_t{row.users.size()},
                 std::string(key),
                 row.name,
                 row.last};
  });
  return table;
}

Table failures(const std::string& id, const std::string& title, const Tally<Failing>& tally) {
  Table table{id,
              title,
              cat("attempts that no password was right for; tried: how many names, ",
                  most_counted_users, " at most"),
              {},
              {},
              0};
  table.columns = {{"attempts", "attempts", Kind::count},
                   {"source", "source"},
                   {"name", "name"},
                   {"users", "tried", Kind::count},
                   {"last", "last", Kind::time}};
  fill(table, tally, [](std::string_view key, const Failing& row) {
    return Cells{row.count, std::string(key), row.name, std::uint64_t{row.users.size()}, row.last};
  });
  return table;
}

Table trials(const Summary& summary) {
  Table table{"would_block",
              "Lists on trial",
              "logins that a list with mode = log would refuse",
              {},
              {},
              0};
  table.columns = {
      {"logins", "logins", Kind::count}, {"users", "users", Kind::count}, {"rule", "rule"}};
  fill(table, summary.trials, [](std::string_view key, const Trial& row) {
    return Cells{row.count, std::uint64_t{row.users.size()}, std::string(key)};
  });
  return table;
}

Table plain(const std::string& id, const std::string& title, const std::string& what,
            const Tally<Plain>& tally) {
  Table table{id, title, "", {}, {}, 0};
  table.columns = {{"all", "all", Kind::count},
                   {"let_in", "let in", Kind::count},
                   {"refused", "refused", Kind::count},
                   {"failed", "failed", Kind::count},
                   {what, what}};
  fill(table, tally, [](std::string_view key, const Plain& row) {
    return Cells{row.count, of(row.counts, Outcome::let_in), of(row.counts, Outcome::refused),
                 of(row.counts, Outcome::failed), std::string(key)};
  });
  return table;
}

std::vector<Figure> figures(const Summary& summary) {
  std::uint64_t known_systems = 0, known_addresses = 0;
  for (const auto& entry : summary.systems.sorted()) known_systems += entry.second->known;
  for (const auto& entry : summary.addresses.sorted()) known_addresses += entry.second->known;
  const std::uint64_t all_systems = summary.systems.size(), all = summary.addresses.size();
  return {{"let_in", "logins let in", of(summary.counts, Outcome::let_in)},
          {"refused", "logins refused by lists and rules", of(summary.counts, Outcome::refused)},
          {"failed", "attempts without a right password", of(summary.counts, Outcome::failed)},
          {"later", "attempts that could not be judged", of(summary.counts, Outcome::later)},
          {"users", "users", summary.users.size()},
          {"new_users", "users who had not been here in the time before",
           summary.history ? summary.new_users.size() : 0},
          {"unknown_asns", "unknown ASNs", all_systems - known_systems},
          {"known_asns", "known ASNs", known_systems},
          {"unknown_addresses", "unknown IPs", all - known_addresses},
          {"known_addresses", "known IPs", known_addresses}};
}

}  // namespace

std::vector<Bar> bars_of(const std::map<Seconds, Counts>& counts, const Span& span) {
  Calendar calendar(span.bar);
  std::vector<Bar> bars;
  for (Seconds time = span.since; time < span.until; time = calendar.end_of(time)) {
    Bar bar{calendar.start_of(time), {}};
    if (const auto found = counts.find(bar.start); found != counts.end())
      std::copy(found->second.begin(), found->second.end(), bar.counts);
    bars.push_back(bar);
  }
  return bars;
}

std::vector<MapPoint> points_of(const Tally<Point>& tally) {
  constexpr std::size_t most_points = 5000;
  std::vector<MapPoint> points;
  for (const auto& [key, row] : tally.sorted()) {
    if (points.size() == most_points) break;
    auto& point = points.emplace_back(MapPoint{row->latitude, row->longitude, {}, row->place});
    std::copy(row->counts.begin(), row->counts.end(), point.counts);
  }
  return points;
}

Sheet sheet_of(const Summary& summary, const Known& known) {
  Sheet sheet;
  sheet.title = "Mail logins";
  sheet.since = summary.span.since;
  sheet.until = summary.span.until;
  sheet.figures = figures(summary);
  if (summary.without_time)
    sheet.notes.push_back(
        cat(summary.without_time, " lines have no time. They are counted, whenever they were."));
  if (summary.users_not_remembered)
    sheet.notes.push_back("There are more users than are remembered: what is new is not all.");
  sheet.series = {"let_in", "refused", "failed", "later"};
  sheet.tables = {blocked_users(summary),
                  guessed(summary),
                  journeys(summary),
                  new_places(summary),
                  failures("failing_addresses", "Failures by address", summary.failing_addresses),
                  failures("failing_networks", "Failures by network", summary.failing_networks),
                  systems(summary, known, false),
                  addresses(summary, false),
                  trials(summary),
                  systems(summary, known, true),
                  addresses(summary, true),
                  plain("services", "Services", "service", summary.services),
                  plain("countries", "Countries", "country", summary.countries)};
  sheet.bar = summary.span.bar;
  sheet.bars = bars_of(summary.bars, summary.span);
  sheet.points = points_of(summary.points);
  return sheet;
}

}  // namespace ctl::report
