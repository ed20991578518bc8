// See rdap.h. RapidJSON reads the text without recursion, however deep it is.
// SPDX-License-Identifier: MIT

#include "cached/facts/rdap.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::Result;
using rapidjson::Value;

const Value* find(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

// nullptr as well when it is no string, or too long for one.
const Value* find_text(const Value& object, const char* name) {
  const Value* value = find(object, name);
  return value && value->IsString() && value->GetStringLength() <= longest_word ? value : nullptr;
}

std::string_view view(const Value& text) { return {text.GetString(), text.GetStringLength()}; }

Fact<std::string> text_fact(const Value& object, const char* name) {
  const Value* value = find_text(object, name);
  const auto text = value ? base::trim(view(*value)) : std::string_view();
  return text.empty() ? Fact<std::string>::absent() : Fact<std::string>(std::string(text));
}

// Registries write 074.125.000.000 and 93.192.0.0/32 too.
std::optional<base::Address> address_of(std::string_view text) {
  text = text.substr(0, text.find('/'));
  if (text.find(':') != std::string_view::npos) return base::parse_address(text);
  std::string plain;
  for (int i = 0; const auto part = base::part(text, '.', i); i++) {
    const auto number = base::parse_number<unsigned>(*part);
    if (!number || part->size() > 3) return std::nullopt;
    plain += cat(i ? "." : "", *number);
  }
  return base::parse_address(plain);
}

Fact<std::vector<std::string>> entities_of(const Value& network) {
  std::vector<std::string> handles;
  const Value* entities = find(network, "entities");
  if (entities && entities->IsArray())
    for (const Value& entity : entities->GetArray()) {
      const Value* handle = entity.IsObject() ? find_text(entity, "handle") : nullptr;
      if (!handle || handles.size() == most_entities) break;
      handles.emplace_back(view(*handle));
    }
  return handles.empty() ? Fact<std::vector<std::string>>::absent()
                         : Fact<std::vector<std::string>>(std::move(handles));
}

bool is_rate_limited(const Value& answer) {
  const Value* notices = find(answer, "notices");
  if (!notices || !notices->IsArray()) return false;
  const auto list = notices->GetArray();
  return std::any_of(list.begin(), list.end(), [](const Value& notice) {
    const Value* title = notice.IsObject() ? find_text(notice, "title") : nullptr;
    return title && view(*title) == rate_limit_notice;
  });
}

}  // namespace

Result<RegisteredNetwork> parse_rdap(std::string_view body) {
  if (body.size() > longest_rdap) return Error{cat("longer than ", longest_rdap, " bytes")};
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(),
                                                                                       body.size());
  if (answer.HasParseError())
    return Error{cat("not JSON at byte ", answer.GetErrorOffset(), ": ",
                     rapidjson::GetParseError_En(answer.GetParseError()))};
  if (!answer.IsObject()) return Error{"not a JSON object"};
  if (is_rate_limited(answer)) return Error{std::string(rate_limit_notice)};
  for (const char* name : {"handle", "ipVersion", "startAddress", "endAddress"})
    if (!find_text(answer, name)) return Error{cat("no network: it has no ", name)};
  const auto first = address_of(view(*find_text(answer, "startAddress")));
  const auto last = address_of(view(*find_text(answer, "endAddress")));
  if (!first || !last || first->is_v4() != last->is_v4() || first->bytes > last->bytes)
    return Error{"no network: its addresses are none"};
  return RegisteredNetwork{*first, *last, text_fact(answer, "name"), text_fact(answer, "country"),
                           entities_of(answer)};
}

}  // namespace facts
