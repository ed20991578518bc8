// See line.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/line.h"

#include "cached/base/text.h"
#include "cached/trail/places.h"

namespace trail {
namespace {

using base::cat;
using facts::Fact;
using facts::Facts;

// How a value stands in the line. word: by itself, without blanks and commas. bracketed: between <
// and >.
enum class Form { word, bracketed };
// What is written when there is no value: None, or nothing at all.
enum class Missing { none, left_out };

// One fact of the line: its name there and in the journal, and how it is found.
struct Row {
  std::string_view name;
  std::string_view journal_name;
  Form form;
  Missing missing;
  std::string (*find)(const Attempt&);
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += cat(out.empty() ? "" : "; ", word);
  return out;
}

constexpr Row about_the_login[] = {
    {"user", "AUDIT_USER", Form::bracketed, Missing::none,
     [](const Attempt& a) { return a.login.user; }},
    {"service", "AUDIT_SERVICE", Form::word, Missing::none,
     [](const Attempt& a) { return a.login.service; }},
    {"ip", "AUDIT_IP", Form::word, Missing::none,
     [](const Attempt& a) { return a.login.remote_ip; }},
};

constexpr Row about_the_verdict[] = {
    {"blocked", "AUDIT_BLOCKED", Form::word, Missing::left_out,
     [](const Attempt& a) { return std::string(a.verdict.matched.empty() ? "" : "True"); }},
    {"matched", "AUDIT_MATCHED", Form::word, Missing::left_out,
     [](const Attempt& a) { return a.verdict.matched; }},
    {"fcrdns", "AUDIT_FCRDNS", Form::word, Missing::left_out, confirmed},
    {"pwid", "AUDIT_PWID", Form::word, Missing::left_out,
     [](const Attempt& a) {
       return a.verdict.password ? std::to_string(a.verdict.password->id) : std::string();
     }},
    {"comment", "AUDIT_COMMENT", Form::bracketed, Missing::left_out,
     [](const Attempt& a) {
       return a.verdict.password ? a.verdict.password->comment : std::string();
     }},
    {"master", "AUDIT_MASTER", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return a.login.master_user; }},
    {"session", "AUDIT_SESSION", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return a.login.session; }},
    {"result", "AUDIT_RESULT", Form::word, Missing::none,
     [](const Attempt& a) { return std::string(base::name_of(a.verdict.answer)); }},
    {"reason", "AUDIT_REASON", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return a.verdict.reason; }},
    {"rule", "AUDIT_RULE", Form::word, Missing::left_out,
     [](const Attempt& a) { return a.verdict.rule; }},
    {"would_block", "AUDIT_WOULD_BLOCK", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return joined(a.verdict.would_block); }},
    {"dnsbl", "AUDIT_DNSBL", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return joined(listings(a).value_or(std::vector<std::string>())); }},
    {"partial", "AUDIT_PARTIAL", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return joined(a.verdict.not_known); }},
    {"client", "AUDIT_CLIENT", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return a.login.client_id; }},
    {"mech", "AUDIT_MECH", Form::word, Missing::left_out,
     [](const Attempt& a) { return a.login.mechanism; }},
    {"tls", "AUDIT_TLS", Form::word, Missing::left_out,
     [](const Attempt& a) { return a.login.secured; }},
};

constexpr std::size_t usual_length = 512;

// None stands for what is not known. What somebody has called None is not that.
constexpr std::string_view none = "None", called_none = "\\x4eone";

void add_name(std::string& line, std::string_view name) {
  if (!line.empty()) line += ", ";
  line += name;
  line += '=';
}

void add_word(std::string& line, std::string_view value) {
  if (value.empty())
    line += none;
  else if (value == none)
    line += called_none;
  else
    base::append_printable_word(line, value);
}

void add_bracketed(std::string& line, std::string_view value) {
  line += '<';
  base::append_printable(line, value);
  line += '>';
}

template <std::size_t N>
void add_rows(std::string& line, const Row (&rows)[N], const Attempt& attempt) {
  for (const Row& row : rows) {
    const std::string value = row.find(attempt);
    if (value.empty() && row.missing == Missing::left_out) continue;
    add_name(line, row.name);
    if (row.form == Form::word)
      add_word(line, value);
    else
      add_bracketed(line, value);
  }
}

// A fact as text; nullopt: it is not known.
using Told = std::optional<std::string_view>;

Told told(const Fact<std::string>& fact) { return fact.find() ? Told(*fact.find()) : Told(); }

// Asked for, and nobody could tell: the predecessors had words for it, which no list sees.
bool was_in_vain(facts::State state, const Facts& facts, facts::Needs need) {
  return state == facts::State::unknown && (facts.unanswered & need);
}
Told told(const Fact<std::string>& fact, const Facts& facts, facts::Needs need,
          std::string_view in_vain) {
  return was_in_vain(fact.state(), facts, need) ? Told(in_vain) : told(fact);
}

// Of several systems the name of the first.
Told as_name_of(const Facts& facts) {
  if (was_in_vain(facts.as_names.state(), facts, facts::needs_as_names)) return "ERROR-RESPONSE";
  const auto* names = facts.as_names.find();
  return names && !names->empty() ? Told(names->front()) : Told();
}
Told as_cc_of(const Facts& facts) { return told(facts.as_cc, facts, facts::needs_as_cc, "ZZ"); }
Told net_cc_of(const Facts& facts) { return told(facts.net_cc, facts, facts::needs_network, "ZZ"); }
Told net_name_of(const Facts& facts) {
  return told(facts.net_name, facts, facts::needs_network, "WHOIS ERROR");
}

void add_word(std::string& line, std::string_view name, const Told& fact) {
  add_name(line, name);
  add_word(line, fact.value_or(""));
}
void add_bracketed(std::string& line, std::string_view name, const Told& fact) {
  add_name(line, name);
  if (fact == none)
    line += cat("<", called_none, ">");
  else
    add_bracketed(line, fact.value_or(none));
}
std::string in_journal(const std::string& value) {
  if (value.empty()) return std::string(none);
  return value == none ? std::string(called_none) : value;
}
std::string in_journal(const Told& fact) { return in_journal(std::string(fact.value_or(""))); }

// The first reverse name; <> when the address has none.
std::string host_of(const Facts& facts) {
  const auto& names = facts.reverse_names;
  std::string host;
  if (const auto* known = names.find(); known && !known->empty())
    add_word(host, known->front());
  else
    host = names.state() == facts::State::absent ? "<>" : none;
  return host;
}

std::string as_numbers_of(const Facts& facts) {
  std::string out;
  if (const auto* numbers = facts.as_numbers.find())
    for (const auto number : *numbers) out += cat(out.empty() ? "AS" : "/AS", number);
  return out.empty() ? std::string(none) : out;
}

void add_facts(std::string& line, const Facts& facts) {
  line += cat(", host=", host_of(facts), ", asn=", as_numbers_of(facts));
  add_word(line, "as_cc", as_cc_of(facts));
  add_bracketed(line, "as_desc", as_name_of(facts));
  add_bracketed(line, "as_org", told(facts.as_org));
  add_bracketed(line, "net_name", net_name_of(facts));
  add_word(line, "net_cc", net_cc_of(facts));
  const auto* entities = facts.entities.find();
  if (!entities || entities->empty()) add_name(line, "entity");
  if (entities)
    for (const std::string& entity : *entities) add_word(line, "entity", Told(entity));
  if (const auto* geo = facts.geo.find()) line += cat(", ", places_in_line(*geo));
}

}  // namespace

std::optional<std::vector<std::string>> listings(const Attempt& attempt) {
  std::optional<std::vector<std::string>> zones;
  if (!attempt.facts) return zones;
  for (const auto& [zone, codes] : attempt.facts->listings) {
    const auto* known = codes.find();
    if (!known && codes.state() != facts::State::absent) continue;
    if (!zones) zones.emplace();
    if (!known) continue;
    std::string& told = zones->emplace_back(zone);
    for (const std::string& code : *known) told += cat(" ", code);
  }
  return zones;
}

std::string confirmed(const Attempt& attempt) {
  constexpr const char* words[] = {"pass", "fail", "none", "temperror"};
  const auto* found = attempt.facts ? attempt.facts->confirmed.find() : nullptr;
  return found ? words[static_cast<int>(*found)] : "";
}

std::string audit_line(const Attempt& attempt) {
  std::string line;
  line.reserve(usual_length);
  add_rows(line, about_the_login, attempt);
  if (attempt.facts) add_facts(line, *attempt.facts);
  add_rows(line, about_the_verdict, attempt);
  return line;
}

std::vector<base::log::Field> audit_fields(const Attempt& attempt) {
  std::vector<base::log::Field> fields = {{"AUDIT_LOG", "True"}};
  const auto add_all = [&](const auto& rows) {
    for (const Row& row : rows) {
      std::string value = row.find(attempt);
      if (value.empty() && row.missing == Missing::left_out) continue;
      fields.push_back({row.journal_name, row.form == Form::word ? in_journal(value) : value});
    }
  };
  add_all(about_the_login);
  add_all(about_the_verdict);
  if (attempt.verdict.matched.empty()) {
    fields.push_back({"AUDIT_BLOCKED", "False"});
    fields.push_back({"AUDIT_MATCHED", "None"});
  }
  if (!attempt.facts) return fields;
  const Facts& facts = *attempt.facts;
  fields.push_back({"AUDIT_REV_HOST", host_of(facts)});
  fields.push_back({"AUDIT_ASN", as_numbers_of(facts)});
  fields.push_back({"AUDIT_AS_CC", in_journal(as_cc_of(facts))});
  fields.push_back({"AUDIT_AS_DESC", in_journal(as_name_of(facts))});
  fields.push_back({"AUDIT_AS_ORG", in_journal(told(facts.as_org))});
  fields.push_back({"AUDIT_NET_NAME", in_journal(net_name_of(facts))});
  fields.push_back({"AUDIT_NET_CC", in_journal(net_cc_of(facts))});
  const bool in_vain = was_in_vain(facts.entities.state(), facts, facts::needs_entities);
  fields.push_back({"AUDIT_ENTITIES", in_vain ? "[]" : python_list(facts.entities)});
  fields.push_back({"AUDIT_RESERVED", facts.reserved_name.empty() ? "False" : "True"});
  if (const auto* geo = facts.geo.find())
    for (auto& field : places_in_journal(*geo)) fields.push_back(std::move(field));
  return fields;
}

}  // namespace trail
