// Reads the history line by line: audit lines as syslog, journalctl and standard error write them,
// the predecessor's and ours, also ours as JSON, and JSON lines of journalctl -o json.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cached/ctl/report/audit_json.h"
#include "cached/ctl/report/event.h"
#include "cached/ctl/report/stamp.h"

namespace ctl::report {

inline constexpr std::string_view audit_tag = "mail-audit";  // SYSLOG_IDENTIFIER

// An entry of the journal, field by field.
class Entry {
 public:
  explicit Entry(Seconds time = 0) { event_.time = time; }

  void set(std::string_view name, std::string_view value);
  std::optional<Event> finish();  // nullopt: it is no audit line

 private:
  Event event_;
  std::string message_;
  bool is_audit_ = false, has_fields_ = false;
};

class Reader {
 public:
  explicit Reader(Seconds now) : stamps_(now) {}

  // Any bytes. nullopt: it is no audit line. A line is one only as a whole, so that what other
  // programs log of a user's name cannot be taken for one.
  std::optional<Event> read(std::string_view line);

  std::uint64_t broken() const { return broken_; }  // lines that begin as JSON and are none

 private:
  std::optional<Event> read_text(std::string_view line);
  std::optional<Event> read_json(std::string_view line, Seconds time);
  std::optional<Event> read_object(const std::vector<JsonField>& fields, Seconds time);

  Stamps stamps_;
  std::string buffer_;
  std::uint64_t broken_ = 0;
};

// The fields of an audit line, which begins with user=.
void read_fields(std::string_view line, Event& event);

}  // namespace ctl::report
