// An attempt whose texts, all of them, were chosen by somebody who means harm; and whether every
// form of the audit line tells just these. For the unit tests, and for the fuzzer.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cached/trail/json.h"
#include "cached/trail/line.h"
#include "tests/trail/read_back.h"

namespace forged {

struct Forged {
  base::Login login;
  base::Verdict verdict;
  facts::Facts facts;

  trail::Attempt attempt() const { return {login, verdict, &facts}; }
};

inline constexpr std::size_t texts = 17;

// `texts` of them; an empty one is one that is not there.
inline Forged made_of(const std::vector<std::string>& text) {
  Forged all;
  all.login.user = text[0];
  all.login.service = text[1];
  all.login.remote_ip = text[2];
  all.login.master_user = text[3];
  all.login.session = text[4];
  all.login.client_id = text[5];
  all.login.mechanism = text[6];
  all.login.secured = text[7];
  all.verdict = {base::Answer::deny, text[8], base::Verdict::Password{7, text[9]}};
  const auto fact = [](const std::string& value) {
    return value.empty() ? facts::Fact<std::string>() : facts::Fact<std::string>(value);
  };
  if (!text[10].empty()) all.facts.reverse_names = std::vector<std::string>{text[10]};
  if (!text[11].empty()) all.facts.as_names = std::vector<std::string>{text[11]};
  all.facts.as_cc = fact(text[12]);
  all.facts.as_org = fact(text[13]);
  all.facts.net_name = fact(text[14]);
  all.facts.net_cc = fact(text[15]);
  if (!text[16].empty()) all.facts.entities = std::vector<std::string>{text[16], "second"};
  return all;
}

// What is wrong with the line; empty: nothing.
inline std::string wrong_in_line(const Forged& all, const std::vector<std::string>& text) {
  using read_back::Value;
  const auto known = [](const std::string& value) { return value.empty() ? Value() : value; };
  read_back::Pairs expected = {{"user", text[0]},
                               {"service", known(text[1])},
                               {"ip", known(text[2])},
                               {"host", known(text[10])},
                               {"asn", std::nullopt},
                               {"as_cc", known(text[12])},
                               {"as_desc", known(text[11])},
                               {"as_org", known(text[13])},
                               {"net_name", known(text[14])},
                               {"net_cc", known(text[15])},
                               {"entity", text[16]}};
  if (!text[16].empty()) expected.emplace_back("entity", "second");
  expected.emplace_back("pwid", "7");
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) expected.emplace_back(name, value);
  };
  add("comment", text[9]);
  add("master", text[3]);
  add("session", text[4]);
  expected.emplace_back("result", "deny");
  add("reason", text[8]);
  add("client", text[5]);
  add("mech", text[6]);
  add("tls", text[7]);
  const std::string line = trail::audit_line(all.attempt());
  const bool has_control = std::any_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return !has_control && base::is_utf8(line) && read_back::line(line) == expected ? "" : line;
}

inline std::string wrong_in_json(const Forged& all, const std::vector<std::string>& text) {
  const std::string json = trail::audit_json(all.attempt(), {});
  rapidjson::Document read;
  if (json.find('\n') != std::string::npos || !base::is_utf8(json) ||
      read.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size()).HasParseError())
    return json;
  const std::pair<const char*, std::size_t> names[] = {
      {"service", 1}, {"ip", 2},      {"master", 3},    {"session", 4},   {"client", 5},
      {"mech", 6},    {"tls", 7},     {"reason", 8},    {"rev_host", 10}, {"as_desc", 11},
      {"as_cc", 12},  {"as_org", 13}, {"net_name", 14}, {"net_cc", 15}};
  bool right = read_back::text(read["user"]) == text[0] &&
               read_back::text(read["comment"]) == text[9] && read.MemberCount() == 52;
  for (const auto& [name, i] : names)
    right =
        right && read_back::text(read[name]) == (text[i].empty() ? read_back::Value() : text[i]);
  const auto& entities = read["entities"];
  if (text[16].empty()) return right && entities.IsNull() ? "" : json;
  right = right && entities.IsArray() && entities.Size() == 2;
  return right && read_back::text(entities[0]) == text[16] ? "" : json;
}

// The bytes themselves, each name once; what is not known has None.
inline std::string wrong_in_journal(const Forged& all, const std::vector<std::string>& text) {
  const auto fields = trail::audit_fields(all.attempt());
  const auto value_of = [&](std::string_view name) {
    std::vector<std::string> values;
    for (const auto& field : fields)
      if (field.name == name) values.push_back(field.value);
    return values.size() == 1 ? values[0] : values.empty() ? "left out" : "several";
  };
  const std::pair<const char*, std::size_t> left_out[] = {{"AUDIT_MASTER", 3},
                                                          {"AUDIT_SESSION", 4},
                                                          {"AUDIT_CLIENT", 5},
                                                          {"AUDIT_REASON", 8},
                                                          {"AUDIT_COMMENT", 9}};
  const std::pair<const char*, std::size_t> or_none[] = {
      {"AUDIT_SERVICE", 1}, {"AUDIT_IP", 2},        {"AUDIT_AS_DESC", 11}, {"AUDIT_AS_CC", 12},
      {"AUDIT_AS_ORG", 13}, {"AUDIT_NET_NAME", 14}, {"AUDIT_NET_CC", 15}};
  if (value_of("AUDIT_USER") != text[0]) return "AUDIT_USER";
  for (const auto& [name, i] : left_out)
    if (value_of(name) != (text[i].empty() ? "left out" : text[i])) return name;
  for (const auto& [name, i] : or_none) {
    const std::string& value = text[i].empty() ? "None" : text[i] == "None" ? "\\x4eone" : text[i];
    if (value_of(name) != value) return name;
  }
  const auto host = read_back::unescaped(value_of("AUDIT_REV_HOST"));
  if (host != (text[10].empty() ? "None" : text[10])) return "AUDIT_REV_HOST";
  const std::string entities = value_of("AUDIT_ENTITIES");
  if (text[16].empty()) return entities == "None" ? "" : entities;
  constexpr std::string_view rest = ", 'second']";
  if (!entities.starts_with('[') || !entities.ends_with(rest)) return entities;
  const auto first = std::string_view(entities).substr(1, entities.size() - 1 - rest.size());
  return read_back::python_text(first) == text[16] ? "" : entities;
}

}  // namespace forged
