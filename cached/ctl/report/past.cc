// See past.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/past.h"

#include <algorithm>
#include <limits>

#include "cached/base/text.h"
#include "cached/ctl/report/progress.h"
#include "cached/ctl/report/stamp.h"

namespace ctl::report {
namespace {

using base::cat;
using base::Result;
using stores::History;
using stores::PastRow;
using stores::PastTable;

// How much later than what it tells a row may have been written: outages are spooled.
constexpr Seconds most_late = 7 * 86400;
constexpr std::size_t page = 2000;  // rows

Seconds time_of(const PastRow& row) {
  const auto text = cat(row.time, "Z");
  std::string_view rest = text;
  return Stamps(0).take(rest);
}

// The place by the row's country (`DE`), or by the end of its text (`60313 Frankfurt am Main, HE,
// Germany`). When today's is in another country, no more is known of the place than that.
void keep_place(const PastRow& row, facts::Facts& facts) {
  if (row.country.empty() && row.location.empty()) return;
  facts::Place then;
  then.code = row.country;
  then.name = row.location.substr(
      row.location.rfind(", ") == std::string::npos ? 0 : row.location.rfind(", ") + 2);
  const auto* now = facts.geo.find();
  const auto& same = row.country.empty() ? &facts::Place::name : &facts::Place::code;
  if (facts.local_network || (now && now->country.*same == then.*same)) return;
  if (then.name.empty()) then.name = then.code;
  facts::Geo geo;
  geo.country = then;
  facts.geo = std::move(geo);
}

// As the audit line has it of such an attempt. The reasons are auth's. Whom nobody could judge has
// one, so that without it a right password was let in: the predecessor told no more.
Outcome outcome_of(const PastRow& row, Event& event) {
  if (row.auth_ok == "1") {
    if (row.policy_reject == "1") return Outcome::refused;
    return row.policy_reject == "0" || row.reason.empty() ? Outcome::let_in : Outcome::later;
  }
  if (row.reason == "service disabled") event.matched = "service";
  if (!event.matched.empty() || !row.password_id.empty()) return Outcome::refused;
  const bool no =
      row.auth_ok == "0" || row.policy_reject == "1" || row.reason == "account disabled";
  return no ? Outcome::failed : Outcome::later;
}

class Reading {
 public:
  Reading(History& history, const facts::Sources& sources, Seconds since, Seconds until,
          const std::function<void(Event&)>& take)
      : history_(history), sources_(sources), progress_(since, until), take_(take) {}

  // Rows of the table from a time to another.
  base::Status read(PastTable table, Seconds from, Seconds to) {
    if (from >= to) return base::Done{};
    const auto start = id_before(table, from - most_late);
    if (!start) return start.error();
    for (std::int64_t id = *start;;) {
      const auto rows = history_.rows_after(table, id, page);
      if (!rows) return rows.error();
      if (rows->empty()) return base::Done{};
      id = rows->back().id;
      for (const PastRow& row : *rows) {
        const auto time = time_of(row);
        if (time == 0) count.undated++;
        if (time >= from && time < to) hand_on(row, time);
      }
      if (time_of(rows->front()) >= to + most_late) return base::Done{};
    }
  }

  RowsRead count;
  Seconds latest = 0;  // of what was handed on

 private:
  // An id such that rows with lower ones are all of an earlier time: they were written before one
  // that is. Found by halving, as there need be no index on the time.
  Result<std::int64_t> id_before(PastTable table, Seconds time) {
    const auto last = history_.last_id(table);
    if (!last) return last.error();
    std::int64_t low = 0, high = *last;
    while (high - low > static_cast<std::int64_t>(page)) {
      const auto middle = low + (high - low) / 2;
      const auto rows = history_.rows_after(table, middle, 1);
      if (!rows) return rows.error();
      if (!rows->empty() && time_of(rows->front()) < time)
        low = rows->front().id;
      else
        high = middle;
    }
    return low;
  }

  void hand_on(const PastRow& row, Seconds time) {
    auto event = event_of(row, sources_);
    event.time = time;
    count.rows++;
    latest = std::max(latest, time);
    take_(event);
    progress_.at(time);
  }

  History& history_;
  const facts::Sources& sources_;
  Progress progress_;
  const std::function<void(Event&)>& take_;
};

}  // namespace

Event event_of(const PastRow& row, const facts::Sources& sources) {
  Event event;
  event.time = time_of(row);
  event.times = static_cast<std::uint64_t>(std::max<std::int64_t>(row.times, 1));
  // In log it is the user of the app password, byte for byte.
  const bool is_log = !row.result.empty();
  set_from_journal(event, "AUDIT_USER", is_log ? row.user : unescaped(row.user));
  set_from_journal(event, "AUDIT_COMMENT", row.comment);
  set_from_journal(event, "AUDIT_PWID", row.password_id);
  if (const auto address = base::parse_address(row.remote_ip))
    event.facts = facts::look_up(sources, *address);
  keep_place(row, event.facts);
  // What was written escaped comes back as it was.
  const std::pair<std::string_view, const std::string&> fields[] = {
      {"service", row.service}, {"ip", row.remote_ip},  {"host", row.reverse_name},
      {"as_org", row.isp},      {"result", row.result}, {"reason", row.reason},
      {"rule", row.rule}};
  for (const auto& [name, text] : fields)
    if (!text.empty()) set_from_line(event, name, text);
  finish(event);
  if (!is_log) event.outcome = outcome_of(row, event);
  return event;
}

Result<RowsRead> read_database(History& history, const facts::Sources& sources, Seconds since,
                               Seconds until, const std::function<void(Event&)>& take) {
  const auto rows = history.rows_after(PastTable::connection_log, 0, 1);
  if (!rows) return rows.error();
  // Without such a table, or rows in it, all of log is before it.
  const auto first = rows->empty() ? until : std::clamp(time_of(rows->front()), since, until);
  Reading reading(history, sources, since, until, take);
  auto done = reading.read(PastTable::log, since, first);
  reading.latest = first - 1;
  if (done) done = reading.read(PastTable::connection_log, first, until);
  if (done) done = reading.read(PastTable::log, reading.latest + 1, until);
  if (!done) return done.error();
  return reading.count;
}

}  // namespace ctl::report
