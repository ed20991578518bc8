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

// None stands for what is not known. What somebody has called None is not that.
constexpr std::string_view called_none = "\\x4eone";

std::string word(const std::string& value) {
  if (value.empty()) return "None";
  return value == "None" ? std::string(called_none) : base::printable_word(value);
}

std::string bracketed(const std::string& value) { return cat("<", base::printable(value), ">"); }

void add_pair(std::string& line, std::string_view name, const std::string& value) {
  line += cat(line.empty() ? "" : ", ", name, "=", value);
}

template <std::size_t N>
void add_rows(std::string& line, const Row (&rows)[N], const Attempt& attempt) {
  for (const Row& row : rows) {
    const std::string value = row.find(attempt);
    if (value.empty() && row.missing == Missing::left_out) continue;
    add_pair(line, row.name, row.form == Form::word ? word(value) : bracketed(value));
  }
}

// A fact as text; nullopt: it is not known.
using Told = std::optional<std::string>;

Told told(const Fact<std::string>& fact) { return fact.find() ? Told(*fact.find()) : Told(); }

// Asked for, and nobody could tell: the predecessors had words for it, which no list sees.
Told told(const Fact<std::string>& fact, const Facts& facts, facts::Needs need,
          std::string_view in_vain) {
  const bool was_in_vain = fact.state() == facts::State::unknown && (facts.unanswered & need);
  return was_in_vain ? Told(in_vain) : told(fact);
}

// Of several systems the name of the first.
Told as_name_of(const Facts& facts) {
  Fact<std::string> first = Fact<std::string>::in_state(facts.as_names.state());
  if (const auto* names = facts.as_names.find(); names && !names->empty()) first = names->front();
  return told(first, facts, facts::needs_as_names, "ERROR-RESPONSE");
}
Told as_cc_of(const Facts& facts) { return told(facts.as_cc, facts, facts::needs_as_cc, "ZZ"); }
Told net_cc_of(const Facts& facts) { return told(facts.net_cc, facts, facts::needs_network, "ZZ"); }
Told net_name_of(const Facts& facts) {
  return told(facts.net_name, facts, facts::needs_network, "WHOIS ERROR");
}

std::string word(const Told& fact) { return word(fact.value_or("")); }
std::string bracketed(const Told& fact) {
  if (fact && *fact == "None") return cat("<", called_none, ">");
  return bracketed(fact.value_or("None"));
}
std::string in_journal(const std::string& value) {
  if (value.empty()) return "None";
  return value == "None" ? std::string(called_none) : value;
}
std::string in_journal(const Told& fact) { return in_journal(fact.value_or("")); }

// The first reverse name; <> when the address has none.
std::string host_of(const Facts& facts) {
  const auto& names = facts.reverse_names;
  if (const auto* known = names.find(); known && !known->empty()) return word(known->front());
  return names.state() == facts::State::absent ? "<>" : "None";
}

std::string as_numbers_of(const Facts& facts) {
  std::string out;
  if (const auto* numbers = facts.as_numbers.find())
    for (const auto number : *numbers) out += cat(out.empty() ? "AS" : "/AS", number);
  return out.empty() ? "None" : out;
}

void add_facts(std::string& line, const Facts& facts) {
  add_pair(line, "host", host_of(facts));
  add_pair(line, "asn", as_numbers_of(facts));
  add_pair(line, "as_cc", word(as_cc_of(facts)));
  add_pair(line, "as_desc", bracketed(as_name_of(facts)));
  add_pair(line, "as_org", bracketed(told(facts.as_org)));
  add_pair(line, "net_name", bracketed(net_name_of(facts)));
  add_pair(line, "net_cc", word(net_cc_of(facts)));
  const auto* entities = facts.entities.find();
  if (!entities || entities->empty()) add_pair(line, "entity", "");
  if (entities)
    for (const std::string& entity : *entities) add_pair(line, "entity", word(entity));
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
  const bool none =
      facts.entities.state() == facts::State::unknown && (facts.unanswered & facts::needs_entities);
  fields.push_back({"AUDIT_ENTITIES", none ? "[]" : python_list(facts.entities)});
  fields.push_back({"AUDIT_RESERVED", facts.reserved_name.empty() ? "False" : "True"});
  if (const auto* geo = facts.geo.find())
    for (auto& field : places_in_journal(*geo)) fields.push_back(std::move(field));
  return fields;
}

}  // namespace trail
