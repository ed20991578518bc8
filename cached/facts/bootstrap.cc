// See bootstrap.h. RapidJSON reads the text without recursion, however deep it is.
// SPDX-License-Identifier: MIT

#include "cached/facts/bootstrap.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>

#include "cached/base/text.h"
#include "cached/clients/url.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::Result;
using rapidjson::Value;

struct Domain {
  std::string_view name;
  Rir rir;
};
constexpr Domain domains[] = {{"arin.net", Rir::arin},
                              {"ripe.net", Rir::ripencc},
                              {"apnic.net", Rir::apnic},
                              {"lacnic.net", Rir::lacnic},
                              {"afrinic.net", Rir::afrinic}};

// By the first of its URLs that is https.
Rir rir_of_service(const Value& urls) {
  for (const Value& text : urls.GetArray()) {
    if (!text.IsString()) continue;
    const auto url = clients::parse_https({text.GetString(), text.GetStringLength()});
    if (!url) continue;
    for (const auto& [name, rir] : domains)
      if (url->host == name || url->host.ends_with(cat(".", name))) return rir;
  }
  return Rir::none;
}

// [[networks], [urls]]; empty: it is one.
std::string add_service(const Value& service, AddressRanges<std::uint8_t>& ranges) {
  if (!service.IsArray() || service.Size() < 2 || !service[0].IsArray() || !service[1].IsArray())
    return "a service is not [[networks], [URLs]]";
  const Rir rir = rir_of_service(service[1]);
  for (const Value& text : service[0].GetArray()) {
    const auto network = text.IsString()
                             ? base::parse_network({text.GetString(), text.GetStringLength()})
                             : Result<base::Network>(Error{"a network is no text"});
    if (!network) return network.error().text;
    if (rir != Rir::none) ranges.add(*network, static_cast<std::uint8_t>(rir));
  }
  return "";
}

}  // namespace

Result<Bootstrap> Bootstrap::read(SeedText& text) {
  std::string json;
  std::string_view line;
  while (text.next(line)) {
    json += cat(line, "\n");
    if (json.size() > most_bytes) text.complain(cat("larger than ", most_bytes, " bytes"));
    if (json.size() > most_bytes) break;
  }
  if (!text.errors().empty()) return Error{text.errors()};
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(),
                                                                                       json.size());
  if (answer.HasParseError()) {
    const auto end = json.begin() + static_cast<std::ptrdiff_t>(answer.GetErrorOffset());
    text.complain(static_cast<std::uint32_t>(std::count(json.begin(), end, '\n') + 1),
                  cat("not JSON: ", rapidjson::GetParseError_En(answer.GetParseError())));
    return Error{text.errors()};
  }
  if (!answer.IsObject() || !answer.HasMember("services") || !answer["services"].IsArray()) {
    text.complain_of_file("has no list of services, as RFC 9224 has it");
    return Error{text.errors()};
  }
  Bootstrap bootstrap;
  for (const Value& service : answer["services"].GetArray()) {
    const auto problem = add_service(service, bootstrap.ranges_);
    if (problem.empty()) continue;
    text.complain_of_file(problem);
    return Error{text.errors()};
  }
  bootstrap.ranges_.build();
  if (bootstrap.ranges_.segments() == 0) text.complain_of_file("names none of the registries");
  if (!text.errors().empty()) return Error{text.errors()};
  return bootstrap;
}

Rir Bootstrap::rir_of(const base::Address& address) const {
  return static_cast<Rir>(ranges_.find(address).value_or(0));
}

}  // namespace facts
