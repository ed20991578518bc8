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
// and >. whole: as it is, being made of such pieces.
enum class Form { word, bracketed, whole };
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

// Whether the reverse name leads back, which whoever holds the address can make it say or not.
std::string confirmed(const Attempt& attempt) {
  constexpr const char* words[] = {"pass", "fail", "none", "temperror"};
  const auto* found = attempt.facts ? attempt.facts->confirmed.find() : nullptr;
  return found ? words[static_cast<int>(*found)] : "";
}

// Zones that list the address, with the codes that count.
std::string listings(const Attempt& attempt) {
  std::vector<std::string> zones;
  if (attempt.facts)
    for (const auto& listing : attempt.facts->listings)
      if (const auto* codes = listing.codes.find()) {
        zones.push_back(listing.zone);
        for (const std::string& code : *codes) zones.back() += cat(" ", code);
      }
  return joined(zones);
}

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
    {"dnsbl", "AUDIT_DNSBL", Form::bracketed, Missing::left_out, listings},
    {"partial", "AUDIT_PARTIAL", Form::bracketed, Missing::left_out,
     [](const Attempt& a) { return joined(a.verdict.not_known); }},
};

void add_pair(std::string& line, std::string_view name, Form form, const std::string& value) {
  line += cat(line.empty() ? "" : ", ", name, "=");
  if (form == Form::bracketed)
    line += cat("<", base::printable(value), ">");
  else if (form == Form::word)
    line += value.empty() ? "None" : base::printable_word(value);
  else
    line += value;
}

template <std::size_t N>
void add_rows(std::string& line, const Row (&rows)[N], const Attempt& attempt) {
  for (const Row& row : rows) {
    const std::string value = row.find(attempt);
    if (!value.empty() || row.missing == Missing::none) add_pair(line, row.name, row.form, value);
  }
}

std::string or_none(const Fact<std::string>& fact) { return fact.find() ? *fact.find() : "None"; }

// Asked for, and nobody could tell: the predecessors had words for it, which no list sees.
bool was_in_vain(const Facts& facts, facts::State state, facts::Needs need) {
  return state == facts::State::unknown && (facts.unanswered & need);
}
std::string as_cc_of(const Facts& facts) {
  return was_in_vain(facts, facts.as_cc.state(), facts::needs_as_cc) ? "ZZ" : or_none(facts.as_cc);
}
std::string net_cc_of(const Facts& facts) {
  const bool in_vain = was_in_vain(facts, facts.net_cc.state(), facts::needs_network);
  return in_vain ? "ZZ" : or_none(facts.net_cc);
}
std::string net_name_of(const Facts& facts) {
  const bool in_vain = was_in_vain(facts, facts.net_name.state(), facts::needs_network);
  return in_vain ? "WHOIS ERROR" : or_none(facts.net_name);
}

// The first reverse name; <> when the address has none.
std::string host_of(const Facts& facts) {
  const auto& names = facts.reverse_names;
  if (const auto* known = names.find(); known && !known->empty())
    return base::printable_word(known->front());
  return names.state() == facts::State::absent ? "<>" : "None";
}

// Of several systems the name of the first.
std::string as_name_of(const Facts& facts) {
  if (was_in_vain(facts, facts.as_names.state(), facts::needs_as_names)) return "ERROR-RESPONSE";
  const auto* names = facts.as_names.find();
  return names && !names->empty() ? names->front() : "None";
}

std::string as_numbers_of(const Facts& facts) {
  std::string out;
  if (const auto* numbers = facts.as_numbers.find())
    for (const auto number : *numbers) out += cat(out.empty() ? "AS" : "/AS", number);
  return out.empty() ? "None" : out;
}

void add_facts(std::string& line, const Facts& facts) {
  add_pair(line, "host", Form::whole, host_of(facts));
  add_pair(line, "asn", Form::whole, as_numbers_of(facts));
  add_pair(line, "as_cc", Form::word, as_cc_of(facts));
  add_pair(line, "as_desc", Form::bracketed, as_name_of(facts));
  add_pair(line, "as_org", Form::bracketed, or_none(facts.as_org));
  add_pair(line, "net_name", Form::bracketed, net_name_of(facts));
  add_pair(line, "net_cc", Form::word, net_cc_of(facts));
  const auto* entities = facts.entities.find();
  if (!entities || entities->empty()) add_pair(line, "entity", Form::whole, "");
  if (entities)
    for (const std::string& entity : *entities) add_pair(line, "entity", Form::word, entity);
  if (const auto* geo = facts.geo.find()) line += cat(", ", places_in_line(*geo));
}

}  // namespace

std::string audit_line(const Attempt& attempt) {
  std::string line;
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
      fields.push_back({row.journal_name, value.empty() ? "None" : std::move(value)});
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
  fields.push_back({"AUDIT_AS_CC", as_cc_of(facts)});
  fields.push_back({"AUDIT_AS_DESC", as_name_of(facts)});
  fields.push_back({"AUDIT_AS_ORG", or_none(facts.as_org)});
  fields.push_back({"AUDIT_NET_NAME", net_name_of(facts)});
  fields.push_back({"AUDIT_NET_CC", net_cc_of(facts)});
  const bool none = was_in_vain(facts, facts.entities.state(), facts::needs_entities);
  fields.push_back({"AUDIT_ENTITIES", none ? "[]" : python_list(facts.entities)});
  fields.push_back({"AUDIT_RESERVED", facts.reserved_name.empty() ? "False" : "True"});
  if (const auto* geo = facts.geo.find())
    for (auto& field : places_in_journal(*geo)) fields.push_back(std::move(field));
  return fields;
}

}  // namespace trail
