// See places.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/places.h"

#include <charconv>

#include "cached/base/text.h"

namespace trail {
namespace {

using base::cat;
using facts::Geo;
using facts::Place;

std::string or_none(const std::string& text) { return text.empty() ? "None" : text; }
std::string id_of(const Place& place) {
  return place.geoname_id ? std::to_string(place.geoname_id) : "None";
}

// The shortest text that reads back as the same number, as Python has it: 37.751, 46.0.
std::string number_text(double number) {
  char text[32];
  const auto [end, failure] =
      std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  std::string out(text, failure == std::errc() ? end : text);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string pair_in_line(std::string_view name, const Place& place) {
  return cat(name, "=<", id_of(place), "/", base::printable(or_none(place.name)), ">, ");
}

// A Python string literal. base::printable has taken out what could end the line.
std::string quoted(const std::string& text) {
  if (text.empty()) return "None";
  const bool has_quote = text.find('\'') != std::string::npos;
  const char quote = has_quote && text.find('"') == std::string::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : base::printable(text)) {
    if (c == '\'' && quote == '\'') out += '\\';
    out += c;
  }
  return out + quote;
}

std::string dict(const Place& place) {
  return cat("{'name': ", quoted(place.name), ", 'geoname_id': ", id_of(place),
             ", 'code': ", quoted(place.code), "}");
}

std::string position_dict(const facts::Position& at) {
  const auto radius = at.accuracy_radius ? std::to_string(*at.accuracy_radius) : "None";
  return cat("{'accuracy_radius': ", radius, ", 'latitude': ", number_text(at.latitude),
             ", 'longitude': ", number_text(at.longitude), ", 'time_zone': ", quoted(at.time_zone),
             "}");
}

}  // namespace

std::string places_in_line(const Geo& geo) {
  std::string line = pair_in_line("city", geo.city);
  for (const Place& place : geo.subdivisions) line += pair_in_line("subdivision", place);
  line += pair_in_line("country", geo.country);
  line += pair_in_line("represented_country", geo.represented_country);
  line += pair_in_line("registered_country", geo.registered_country);
  if (!geo.position) return line + "lat=None, lon=None, rad=Nonekm";
  const auto& radius = geo.position->accuracy_radius;
  line += cat("lat=", number_text(geo.position->latitude),
              ", lon=", number_text(geo.position->longitude),
              ", rad=", radius ? std::to_string(*radius) : "None", "km");
  return line;
}

std::vector<base::log::Field> places_in_journal(const Geo& geo) {
  std::string subdivisions = "(";
  for (const Place& place : geo.subdivisions)
    subdivisions += cat(subdivisions.size() > 1 ? " " : "", dict(place), ",");
  if (geo.subdivisions.size() > 1) subdivisions.pop_back();
  return {{"AUDIT_MAXMIND_CITY", dict(geo.city)},
          {"AUDIT_MAXMIND_SUBDIVISIONS", subdivisions + ")"},
          {"AUDIT_MAXMIND_COUNTRY", dict(geo.country)},
          {"AUDIT_MAXMIND_REPRESENTED_COUNTRY", dict(geo.represented_country)},
          {"AUDIT_MAXMIND_REGISTERED_COUNTRY", dict(geo.registered_country)},
          {"AUDIT_MAXMIND_CONTINENT", dict(geo.continent)},
          {"AUDIT_MAXMIND_POSTAL_CODE", or_none(geo.postal_code)},
          {"AUDIT_MAXMIND_LOCATION",
           geo.position ? position_dict(*geo.position)
                        : "{'accuracy_radius': None, 'latitude': None, 'longitude': None, "
                          "'time_zone': None}"}};
}

std::string python_list(const facts::Fact<std::vector<std::string>>& words) {
  std::string list;
  if (const auto* known = words.find())
    for (const std::string& word : *known) list += cat(list.empty() ? "" : ", ", quoted(word));
  return words.state() == facts::State::unknown ? "None" : cat("[", list, "]");
}

}  // namespace trail
