// See event.h. A field is a row: its name in the line, its name in the journal, and what it says.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/event.h"

#include <algorithm>
#include <unordered_map>

#include "cached/base/text.h"
#include "cached/ctl/report/python_value.h"
#include "cached/facts/reserved.h"

namespace ctl::report {
namespace {

using facts::Fact;
using facts::Place;

using Value = std::string_view;

bool is_none(Value value) { return value.empty() || value == "None"; }
std::string text_of(Value value) { return is_none(value) ? std::string() : std::string(value); }

Fact<std::string> fact(Value value) {
  return is_none(value) ? Fact<std::string>() : Fact<std::string>(std::string(value));
}

Fact<std::vector<std::string>> list_fact(Value value) {
  using List = std::vector<std::string>;
  return is_none(value) ? Fact<List>() : Fact<List>(List{std::string(value)});
}

void set_host(Event& e, Value value) {
  e.facts.reverse_names =
      value == "<>" ? Fact<std::vector<std::string>>::absent() : list_fact(value);
}

// AS1/AS2
void set_as_numbers(Event& e, Value value) {
  std::vector<std::uint32_t> numbers;
  for (int i = 0; const auto part = base::part(value, '/', i); i++) {
    const bool marked = part->starts_with("AS");
    if (const auto number = base::parse_number<std::uint32_t>(part->substr(marked ? 2 : 0)))
      numbers.push_back(*number);
  }
  if (!numbers.empty()) e.facts.as_numbers = std::move(numbers);
}

void add_entity(Event& e, Value value) {
  if (is_none(value)) return;
  std::vector<std::string> all =
      e.facts.entities.find() ? *e.facts.entities.find() : std::vector<std::string>();
  all.emplace_back(value);
  e.facts.entities = std::move(all);
}

// 2925533/Frankfurt am Main
Place place_of_pair(Value value) {
  const auto slash = std::min(value.find('/'), value.size());
  const auto id = base::parse_number<std::uint32_t>(value.substr(0, slash));
  return {id.value_or(0), text_of(value.substr(std::min(slash + 1, value.size()))), {}};
}

Place place_of_python(Value value) {
  Place place;
  for (const auto& [key, item] : python_pairs(value)) {
    if (key == "name") place.name = item;
    if (key == "code") place.code = item;
    if (key == "geoname_id") place.geoname_id = base::parse_number<std::uint32_t>(item).value_or(0);
  }
  return place;
}

// Of -90.0 and its like; nullopt: no number, or beyond `most`.
std::optional<double> degrees(Value value, double most) {
  double number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = failure == std::errc() && end == value.data() + value.size();
  return whole && number >= -most && number <= most ? std::optional(number) : std::nullopt;
}

facts::Position& position(Event& e) {
  if (!e.geo.position) e.geo.position.emplace();
  return *e.geo.position;
}

void set_latitude(Event& e, Value value) {
  if (const auto number = degrees(value, 90)) position(e).latitude = *number;
}
void set_longitude(Event& e, Value value) {
  if (const auto number = degrees(value, 180)) position(e).longitude = *number;
}
void set_radius(Event& e, Value value) {
  if (value.ends_with("km")) value.remove_suffix(2);
  if (const auto km = base::parse_number<std::uint32_t>(value)) position(e).accuracy_radius = *km;
}

void set_position(Event& e, Value value) {
  for (const auto& [key, item] : python_pairs(value)) {
    if (key == "latitude") set_latitude(e, item);
    if (key == "longitude") set_longitude(e, item);
    if (key == "accuracy_radius") set_radius(e, item);
  }
}

template <Place facts::Geo::*place>
void set_pair(Event& e, Value value) {
  e.geo.*place = place_of_pair(value);
  e.has_geo = true;
}
template <Place facts::Geo::*place>
void set_python(Event& e, Value value) {
  e.geo.*place = place_of_python(value);
  e.has_geo = true;
}
template <std::string Event::*text>
void set_text(Event& e, Value value) {
  e.*text = value;
}
template <std::string Event::*text>
void set_word(Event& e, Value value) {
  e.*text = text_of(value);
}
template <Fact<std::string> facts::Facts::*member>
void set_fact(Event& e, Value value) {
  e.facts.*member = fact(value);
}

using Set = void (*)(Event& event, Value value);
struct Row {
  std::string_view name, journal_name;
  Set from_line, from_journal;  // null: the other one only
};

using F = facts::Facts;
using G = facts::Geo;

constexpr Row rows[] = {
    {"user", "AUDIT_USER", set_text<&Event::user>, set_text<&Event::user>},
    {"service", "AUDIT_SERVICE", set_word<&Event::service>, set_word<&Event::service>},
    {"ip", "AUDIT_IP", set_word<&Event::ip>, set_word<&Event::ip>},
    {"host", "AUDIT_REV_HOST", set_host, set_host},
    {"asn", "AUDIT_ASN", set_as_numbers, set_as_numbers},
    {"as_cc", "AUDIT_AS_CC", set_fact<&F::as_cc>, set_fact<&F::as_cc>},
    {"as_desc", "AUDIT_AS_DESC", [](Event& e, Value v) { e.facts.as_names = list_fact(v); },
     [](Event& e, Value v) { e.facts.as_names = list_fact(v); }},
    {"as_org", "AUDIT_AS_ORG", set_fact<&F::as_org>, set_fact<&F::as_org>},
    {"net_name", "AUDIT_NET_NAME", set_fact<&F::net_name>, set_fact<&F::net_name>},
    {"net_cc", "AUDIT_NET_CC", set_fact<&F::net_cc>, set_fact<&F::net_cc>},
    {"entity", "", add_entity, nullptr},
    {"", "AUDIT_ENTITIES", nullptr,
     [](Event& e, Value v) {
       if (!is_none(v)) e.facts.entities = python_texts(v);
     }},
    {"city", "AUDIT_MAXMIND_CITY", set_pair<&G::city>, set_python<&G::city>},
    {"country", "AUDIT_MAXMIND_COUNTRY", set_pair<&G::country>, set_python<&G::country>},
    {"represented_country", "AUDIT_MAXMIND_REPRESENTED_COUNTRY", set_pair<&G::represented_country>,
     set_python<&G::represented_country>},
    {"registered_country", "AUDIT_MAXMIND_REGISTERED_COUNTRY", set_pair<&G::registered_country>,
     set_python<&G::registered_country>},
    {"", "AUDIT_MAXMIND_CONTINENT", nullptr, set_python<&G::continent>},
    {"subdivision", "", [](Event& e, Value v) { e.geo.subdivisions.push_back(place_of_pair(v)); },
     nullptr},
    {"", "AUDIT_MAXMIND_SUBDIVISIONS", nullptr,
     [](Event& e, Value v) {
       e.geo.subdivisions.clear();
       for (const auto& item : python_items(v)) e.geo.subdivisions.push_back(place_of_python(item));
     }},
    {"lat", "", set_latitude, nullptr},
    {"lon", "", set_longitude, nullptr},
    {"rad", "", set_radius, nullptr},
    {"", "AUDIT_MAXMIND_LOCATION", nullptr, set_position},
    {"blocked", "AUDIT_BLOCKED", [](Event& e, Value v) { e.blocked = v == "True"; },
     [](Event& e, Value v) { e.blocked = v == "True"; }},
    {"matched", "AUDIT_MATCHED", set_word<&Event::matched>, set_word<&Event::matched>},
    {"pwid", "AUDIT_PWID", set_word<&Event::password_id>, set_word<&Event::password_id>},
    {"comment", "AUDIT_COMMENT", set_text<&Event::comment>, set_text<&Event::comment>},
    {"result", "AUDIT_RESULT", set_word<&Event::result>, set_word<&Event::result>},
    {"reason", "AUDIT_REASON", set_text<&Event::reason>, set_text<&Event::reason>},
    {"rule", "AUDIT_RULE", set_word<&Event::rule>, set_word<&Event::rule>},
    {"would_block", "AUDIT_WOULD_BLOCK", set_text<&Event::would_block>,
     set_text<&Event::would_block>},
};

using Index = std::unordered_map<std::string_view, Set>;

Index index_of(std::string_view Row::*name, Set Row::*set) {
  Index index;
  for (const Row& row : rows)
    if (!(row.*name).empty()) index.emplace(row.*name, row.*set);
  return index;
}

void set_from(const Index& index, Event& event, std::string_view name, Value value) {
  const auto found = index.find(name);
  if (found == index.end()) return;
  if (value.find('\0') == Value::npos) return found->second(event, value);
  std::string clean(value);  // NUL is what the report puts its keys together with
  std::replace(clean.begin(), clean.end(), '\0', '?');
  found->second(event, clean);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A list is asked when the password was right, and an app password is named when one matched. Of a
// refusal that says neither, such as for an account that is disabled, nobody has verified it. The
// reasons are auth's.
Outcome outcome_of(const Event& e) {
  if (e.result == "later") return Outcome::later;
  if (e.blocked || (e.result == "deny" && !e.password_id.empty())) return Outcome::refused;
  if (e.result != "deny") return Outcome::let_in;  // the predecessor wrote no result
  const bool judged = e.reason.starts_with("the list ") || e.reason == "no remote address";
  return judged ? Outcome::refused : Outcome::failed;
}

// The predecessors' words for what registries were asked and nobody could tell: it is not known.
void forget_errors(facts::Facts& facts) {
  const auto* names = facts.as_names.find();
  if (names && !names->empty() && names->front() == "ERROR-RESPONSE") {
    facts.as_names = {};
    facts.as_cc = {};
  }
  if (facts.net_name.find() && *facts.net_name.find() == "WHOIS ERROR") {
    facts.net_name = {};
    facts.net_cc = {};
  }
}

}  // namespace

std::string unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const bool escaped = text.size() >= 4 && text.starts_with("\\x") && digit_of(text[2]) >= 0 &&
                         digit_of(text[3]) >= 0;
    out += escaped ? static_cast<char>(digit_of(text[2]) * 16 + digit_of(text[3])) : text.front();
    text.remove_prefix(escaped ? 4 : 1);
  }
  return out;
}

void set_from_line(Event& event, std::string_view name, std::string_view value) {
  static const Index index = index_of(&Row::name, &Row::from_line);
  if (value != "<>" || name != "host")
    if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
  if (value.find('\\') == std::string_view::npos) return set_from(index, event, name, value);
  set_from(index, event, name, unescaped(value));
}

void set_from_journal(Event& event, std::string_view name, std::string_view value) {
  static const Index index = index_of(&Row::journal_name, &Row::from_journal);
  set_from(index, event, name, value);
}

void finish(Event& event) {
  event.outcome = outcome_of(event);
  auto& facts = event.facts;
  forget_errors(facts);
  if (const auto address = base::parse_address(event.ip)) {
    event.has_address = true;
    facts.address = *address;
    facts.embedded = facts::embedded_v4(*address);
    const auto& client = facts.embedded ? *facts.embedded : *address;
    facts.is_private = facts::is_private(client);
    facts.reserved_name = facts::reserved_name(client);
  }
  if (event.has_geo) facts.geo = std::move(event.geo);
}

}  // namespace ctl::report
