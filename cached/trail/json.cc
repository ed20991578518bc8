// See json.h. A field is a row; how JSON is written is RapidJSON's business.
// SPDX-License-Identifier: MIT

#include "cached/trail/json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "cached/base/clock.h"
#include "cached/base/text.h"

namespace trail {
namespace {

using base::Login;
using base::Verdict;
using facts::Fact;
using facts::Facts;
using facts::Geo;
using facts::Place;
using facts::State;

using Out = rapidjson::Writer<rapidjson::StringBuffer>;

void null(Out& out) { out.Null(); }

void text(Out& out, std::string_view bytes) {
  const std::string utf8 = base::as_utf8(bytes);
  out.String(utf8.data(), static_cast<rapidjson::SizeType>(utf8.size()));
}
void text_or_null(Out& out, std::string_view bytes) {
  bytes.empty() ? null(out) : text(out, bytes);
}
void number(Out& out, std::uint32_t value) { out.Uint(value); }
void number_or_null(Out& out, std::uint32_t value) { value ? void(out.Uint(value)) : null(out); }

// Each item by `write`.
template <class Items, class Write>
void list(Out& out, const Items& items, Write write) {
  out.StartArray();
  for (const auto& item : items) write(out, item);
  out.EndArray();
}

template <std::string Login::*member>
void of_login(Out& out, const Attempt& a) {
  text_or_null(out, a.login.*member);
}
template <std::string Verdict::*member>
void of_verdict(Out& out, const Attempt& a) {
  text_or_null(out, a.verdict.*member);
}
template <std::vector<std::string> Verdict::*member>
void list_of_verdict(Out& out, const Attempt& a) {
  list(out, a.verdict.*member, text);
}

template <Fact<std::string> Facts::*member>
void of_facts(Out& out, const Attempt& a) {
  const State state = a.facts ? (a.facts->*member).state() : State::unknown;
  if (state == State::known || state == State::absent)
    text(out, state == State::known ? *(a.facts->*member).find() : "");
  else
    null(out);
}

// All of them; none: [].
template <auto member, auto write>
void all_of_facts(Out& out, const Attempt& a) {
  const auto* known = a.facts ? (a.facts->*member).find() : nullptr;
  if (known) return list(out, *known, write);
  if (!a.facts || (a.facts->*member).state() != State::absent) return null(out);
  out.StartArray();
  out.EndArray();
}

// The first of several; none: "".
template <Fact<std::vector<std::string>> Facts::*member>
void first_of_facts(Out& out, const Attempt& a) {
  const auto* known = a.facts ? (a.facts->*member).find() : nullptr;
  if (known && !known->empty()) return text(out, known->front());
  if (!a.facts || (a.facts->*member).state() != State::absent) return null(out);
  text(out, "");
}

void first_number(Out& out, const Attempt& a) {
  const auto* known = a.facts ? a.facts->as_numbers.find() : nullptr;
  known && !known->empty() ? void(out.Uint(known->front())) : null(out);
}

const Geo* geo_of(const Attempt& a) { return a.facts ? a.facts->geo.find() : nullptr; }
const facts::Position* position_of(const Attempt& a) {
  const Geo* geo = geo_of(a);
  return geo && geo->position ? &*geo->position : nullptr;
}

template <Place Geo::*place>
void name_of(Out& out, const Attempt& a) {
  text_or_null(out, geo_of(a) ? (geo_of(a)->*place).name : "");
}
template <Place Geo::*place>
void code_of(Out& out, const Attempt& a) {
  text_or_null(out, geo_of(a) ? (geo_of(a)->*place).code : "");
}
template <Place Geo::*place>
void id_of(Out& out, const Attempt& a) {
  number_or_null(out, geo_of(a) ? (geo_of(a)->*place).geoname_id : 0);
}
// Of each subdivision, from the largest to the smallest.
template <auto member, auto write>
void of_subdivisions(Out& out, const Attempt& a) {
  const auto one = [](Out& to, const Place& place) { write(to, place.*member); };
  geo_of(a) ? list(out, geo_of(a)->subdivisions, one) : null(out);
}
template <double facts::Position::*member>
void degrees(Out& out, const Attempt& a) {
  position_of(a) ? void(out.Double(position_of(a)->*member)) : null(out);
}

void radius(Out& out, const Attempt& a) {
  const auto* position = position_of(a);
  position && position->accuracy_radius ? void(out.Uint(*position->accuracy_radius)) : null(out);
}

void password_id(Out& out, const Attempt& a) {
  a.verdict.password ? void(out.Int64(a.verdict.password->id)) : null(out);
}
void comment(Out& out, const Attempt& a) {
  a.verdict.password ? text(out, a.verdict.password->comment) : null(out);
}
void zones(Out& out, const Attempt& a) {
  const auto known = listings(a);
  known ? list(out, *known, text) : null(out);
}

struct Row {
  const char* name;
  void (*write)(Out& out, const Attempt& attempt);
};

// The names are those of the journal, without AUDIT_ and MAXMIND_.
constexpr Row rows[] = {
    {"user", [](Out& out, const Attempt& a) { text(out, a.login.user); }},
    {"service", of_login<&Login::service>},
    {"ip", of_login<&Login::remote_ip>},
    {"rev_host", first_of_facts<&Facts::reverse_names>},
    {"fcrdns", [](Out& out, const Attempt& a) { text_or_null(out, confirmed(a)); }},
    {"asn", first_number},
    {"asns", all_of_facts<&Facts::as_numbers, number>},
    {"as_cc", of_facts<&Facts::as_cc>},
    {"as_desc", first_of_facts<&Facts::as_names>},
    {"as_org", of_facts<&Facts::as_org>},
    {"net_name", of_facts<&Facts::net_name>},
    {"net_cc", of_facts<&Facts::net_cc>},
    {"entities", all_of_facts<&Facts::entities, text>},
    {"reserved",
     [](Out& out, const Attempt& a) {
       a.facts ? void(out.Bool(!a.facts->reserved_name.empty())) : null(out);
     }},
    {"city", name_of<&Geo::city>},
    {"city_id", id_of<&Geo::city>},
    {"subdivisions", of_subdivisions<&Place::name, text_or_null>},
    {"subdivision_ids", of_subdivisions<&Place::geoname_id, number_or_null>},
    {"subdivision_codes", of_subdivisions<&Place::code, text_or_null>},
    {"country", name_of<&Geo::country>},
    {"country_id", id_of<&Geo::country>},
    {"country_code", code_of<&Geo::country>},
    {"represented_country", name_of<&Geo::represented_country>},
    {"represented_country_id", id_of<&Geo::represented_country>},
    {"represented_country_code", code_of<&Geo::represented_country>},
    {"registered_country", name_of<&Geo::registered_country>},
    {"registered_country_id", id_of<&Geo::registered_country>},
    {"registered_country_code", code_of<&Geo::registered_country>},
    {"continent", name_of<&Geo::continent>},
    {"continent_id", id_of<&Geo::continent>},
    {"continent_code", code_of<&Geo::continent>},
    {"postal_code",
     [](Out& out, const Attempt& a) {
       text_or_null(out, geo_of(a) ? geo_of(a)->postal_code : "");
     }},
    {"latitude", degrees<&facts::Position::latitude>},
    {"longitude", degrees<&facts::Position::longitude>},
    {"accuracy_radius", radius},
    {"time_zone",
     [](Out& out, const Attempt& a) {
       text_or_null(out, position_of(a) ? position_of(a)->time_zone : "");
     }},
    {"blocked", [](Out& out, const Attempt& a) { out.Bool(!a.verdict.matched.empty()); }},
    {"matched", of_verdict<&Verdict::matched>},
    {"pwid", password_id},
    {"comment", comment},
    {"master", of_login<&Login::master_user>},
    {"session", of_login<&Login::session>},
    {"result", [](Out& out, const Attempt& a) { text(out, base::name_of(a.verdict.answer)); }},
    {"reason", of_verdict<&Verdict::reason>},
    {"rule", of_verdict<&Verdict::rule>},
    {"would_block", list_of_verdict<&Verdict::would_block>},
    {"dnsbl", zones},
    {"partial", list_of_verdict<&Verdict::not_known>},
    {"client", of_login<&Login::client_id>},
    {"mech", of_login<&Login::mechanism>},
    {"tls", of_login<&Login::secured>},
};

}  // namespace

std::string audit_json(const Attempt& attempt, std::chrono::system_clock::time_point now) {
  rapidjson::StringBuffer buffer;
  Out out(buffer);
  std::string time = base::utc_text(now);  // RFC 3339 has a T for the blank, and a Z
  time[time.find(' ')] = 'T';
  out.StartObject();
  out.Key("time");
  text(out, time + "Z");
  for (const Row& row : rows) {
    out.Key(row.name);
    row.write(out, attempt);
  }
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace trail
