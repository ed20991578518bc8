// See line.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/line.h"

#include "cached/base/text.h"

namespace trail {
namespace {

using base::Login;
using base::Verdict;

// One fact of the line: its name there and in the journal, and how it is found.
struct Fact {
  std::string_view name;
  std::string_view journal_name;
  enum class Form { word, bracketed } form;
  bool always;  // written as None when there is nothing to say
  std::string (*find)(const Login&, const Verdict&);
};

constexpr Fact facts[] = {
    {"user", "AUDIT_USER", Fact::Form::bracketed, true,
     [](const Login& l, const Verdict&) { return l.user; }},
    {"service", "AUDIT_SERVICE", Fact::Form::word, true,
     [](const Login& l, const Verdict&) { return l.service; }},
    {"ip", "AUDIT_IP", Fact::Form::word, true,
     [](const Login& l, const Verdict&) { return l.remote_ip; }},
    {"pwid", "AUDIT_PWID", Fact::Form::word, false,
     [](const Login&, const Verdict& v) {
       return v.password ? std::to_string(v.password->id) : std::string();
     }},
    {"comment", "AUDIT_COMMENT", Fact::Form::bracketed, false,
     [](const Login&, const Verdict& v) { return v.password ? v.password->comment : ""; }},
    {"master", "AUDIT_MASTER", Fact::Form::bracketed, false,
     [](const Login& l, const Verdict&) { return l.master_user; }},
    {"session", "AUDIT_SESSION", Fact::Form::bracketed, false,
     [](const Login& l, const Verdict&) { return l.session; }},
    {"result", "AUDIT_RESULT", Fact::Form::word, true,
     [](const Login&, const Verdict& v) { return std::string(base::name_of(v.answer)); }},
    {"reason", "AUDIT_REASON", Fact::Form::bracketed, false,
     [](const Login&, const Verdict& v) { return v.reason; }},
};

}  // namespace

std::string audit_line(const Login& login, const Verdict& verdict) {
  std::string line;
  for (const Fact& fact : facts) {
    const std::string value = fact.find(login, verdict);
    if (value.empty() && !fact.always) continue;
    line += base::cat(line.empty() ? "" : ", ", fact.name, "=");
    if (fact.form == Fact::Form::bracketed)
      line += base::cat("<", base::printable(value), ">");
    else
      line += value.empty() ? "None" : base::printable_word(value);
  }
  return line;
}

std::vector<base::log::Field> audit_fields(const Login& login, const Verdict& verdict) {
  std::vector<base::log::Field> fields = {{"AUDIT_LOG", "True"}};
  for (const Fact& fact : facts) {
    std::string value = fact.find(login, verdict);
    if (value.empty() && !fact.always) continue;
    fields.push_back({fact.journal_name, value.empty() ? "None" : std::move(value)});
  }
  return fields;
}

}  // namespace trail
