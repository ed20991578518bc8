// See audit_json.h. A field is a row.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/audit_json.h"

#include <algorithm>
#include <unordered_map>

#include "cached/base/text.h"

namespace ctl::report {
namespace {

using facts::Geo;
using facts::Place;
using Field = const JsonField&;

std::string text_of(std::string_view value) {
  auto text = unescaped(value);
  std::replace(text.begin(), text.end(), '\0', '?');
  return text;
}

std::uint32_t number_of(std::string_view value) {
  return base::parse_number<std::uint32_t>(value).value_or(0);
}

std::vector<std::string> texts_of(Field field) {
  std::vector<std::string> texts;
  for (const auto item : field.items) texts.push_back(text_of(item));
  return texts;
}

template <std::string Event::*member>
void set_text(Event& e, Field field) {
  e.*member = text_of(field.value);
}

// An empty text says that there is none.
template <facts::Fact<std::string> facts::Facts::*member>
void set_fact(Event& e, Field field) {
  using Fact = facts::Fact<std::string>;
  e.facts.*member = field.value.empty() ? Fact::absent() : Fact(text_of(field.value));
}

template <facts::Fact<std::vector<std::string>> facts::Facts::*member>
void set_first(Event& e, Field field) {
  using Fact = facts::Fact<std::vector<std::string>>;
  e.facts.*member = field.value.empty() ? Fact::absent() : Fact(std::vector{text_of(field.value)});
}

template <Place Geo::*place>
void set_name(Event& e, Field field) {
  (e.geo.*place).name = text_of(field.value);
  e.has_geo = true;
}
template <Place Geo::*place>
void set_id(Event& e, Field field) {
  (e.geo.*place).geoname_id = number_of(field.value);
  e.has_geo = true;
}
template <Place Geo::*place>
void set_code(Event& e, Field field) {
  (e.geo.*place).code = text_of(field.value);
}

// Of subdivisions, the names in one list, the numbers in another.
template <class Set>
void set_each(Event& e, Field field, Set set) {
  e.geo.subdivisions.resize(std::max(e.geo.subdivisions.size(), field.items.size()));
  for (std::size_t i = 0; i < field.items.size(); i++) set(e.geo.subdivisions[i], field.items[i]);
}

void set_as_numbers(Event& e, Field field) {
  std::vector<std::uint32_t> numbers;
  for (const auto item : field.items) numbers.push_back(number_of(item));
  using Fact = facts::Fact<std::vector<std::uint32_t>>;
  e.facts.as_numbers = numbers.empty() ? Fact::absent() : Fact(std::move(numbers));
}

void set_would_block(Event& e, Field field) {
  e.would_block.clear();
  for (const auto item : field.items)
    e.would_block += base::cat(e.would_block.empty() ? "" : "; ", text_of(item));
}

using Set = void (*)(Event& event, Field field);
using F = facts::Facts;

const std::unordered_map<std::string_view, Set> rows = {
    {"user", set_text<&Event::user>},
    {"service", set_text<&Event::service>},
    {"ip", set_text<&Event::ip>},
    {"rev_host", set_first<&F::reverse_names>},
    {"asns", set_as_numbers},
    {"as_cc", set_fact<&F::as_cc>},
    {"as_desc", set_first<&F::as_names>},
    {"as_org", set_fact<&F::as_org>},
    {"net_name", set_fact<&F::net_name>},
    {"net_cc", set_fact<&F::net_cc>},
    {"entities", [](Event& e, Field f) { e.facts.entities = texts_of(f); }},
    {"city", set_name<&Geo::city>},
    {"city_id", set_id<&Geo::city>},
    {"subdivisions",
     [](Event& e, Field f) { set_each(e, f, [](Place& p, auto v) { p.name = text_of(v); }); }},
    {"subdivision_ids",
     [](Event& e, Field f) {
       set_each(e, f, [](Place& p, auto v) { p.geoname_id = number_of(v); });
     }},
    {"subdivision_codes",
     [](Event& e, Field f) { set_each(e, f, [](Place& p, auto v) { p.code = text_of(v); }); }},
    {"country", set_name<&Geo::country>},
    {"country_id", set_id<&Geo::country>},
    {"country_code", set_code<&Geo::country>},
    {"represented_country", set_name<&Geo::represented_country>},
    {"represented_country_id", set_id<&Geo::represented_country>},
    {"represented_country_code", set_code<&Geo::represented_country>},
    {"registered_country", set_name<&Geo::registered_country>},
    {"registered_country_id", set_id<&Geo::registered_country>},
    {"registered_country_code", set_code<&Geo::registered_country>},
    {"continent", set_name<&Geo::continent>},
    {"continent_id", set_id<&Geo::continent>},
    {"continent_code", set_code<&Geo::continent>},
    {"latitude", [](Event& e, Field f) { set_from_line(e, "lat", f.value); }},
    {"longitude", [](Event& e, Field f) { set_from_line(e, "lon", f.value); }},
    {"accuracy_radius", [](Event& e, Field f) { set_from_line(e, "rad", f.value); }},
    {"blocked", [](Event& e, Field f) { e.blocked = f.value == "true"; }},
    {"matched", set_text<&Event::matched>},
    {"pwid", set_text<&Event::password_id>},
    {"comment", set_text<&Event::comment>},
    {"result", set_text<&Event::result>},
    {"reason", set_text<&Event::reason>},
    {"rule", set_text<&Event::rule>},
    {"would_block", set_would_block},
};

}  // namespace

bool is_audit_line(const std::vector<JsonField>& fields) {
  return fields.size() > 2 && fields[0].name == "time" && fields[1].name == "user" &&
         std::any_of(fields.begin(), fields.end(),
                     [](const JsonField& field) { return field.name == "result"; });
}

void set_from_json(Event& event, const JsonField& field) {
  if (const auto found = rows.find(field.name); found != rows.end()) found->second(event, field);
}

}  // namespace ctl::report
