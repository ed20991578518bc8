// One attempt to log in, as the history tells it: an audit line or a journal entry, read back.
// Plain data; the readers fill it, the report and the back-test count it.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cached/ctl/report/calendar.h"
#include "cached/facts/facts.h"

namespace ctl::report {

// refused: a list or the site's own rules said no. failed: no password was right, or nobody has
// seen to it. later: nobody could tell.
enum class Outcome { let_in, refused, failed, later };

// Texts are as the client gave them, bytes and all, but for NUL; empty: the history does not say.
struct Event {
  Seconds time = 0;         // 0: the line has none
  std::uint64_t times = 1;  // how many attempts it stands for
  Outcome outcome = Outcome::let_in;
  std::string user, service, ip;
  std::string password_id, comment;
  std::string result, reason, matched, rule, would_block;
  bool blocked = false;
  bool has_address = false;
  facts::Facts facts;  // what the line does not tell is unknown
  facts::Geo geo;      // while it is being read; finish() puts it into the facts
  bool has_geo = false;

  // Whether it was the user. A disabled service is refused without a look at the password.
  bool was_right() const {
    return outcome == Outcome::let_in || (outcome == Outcome::refused && matched != "service");
  }
};

// Sets what a field of the audit line says, by its name there (as_cc) or in the journal
// (AUDIT_AS_CC). Others are not looked at. In the line's form: <...> with \xHH, None.
void set_from_line(Event& event, std::string_view name, std::string_view value);
// The bytes themselves, places as Python's text.
void set_from_journal(Event& event, std::string_view name, std::string_view value);

// What base::printable made of it, back again.
std::string unescaped(std::string_view text);

// What follows from the fields, once all are set.
void finish(Event& event);

}  // namespace ctl::report
