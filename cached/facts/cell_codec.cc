// See cell_codec.h. Texts keep their bytes, whether they are UTF-8 or not. RapidJSON reads without
// recursion, however deep a value is.
// SPDX-License-Identifier: MIT

#include "cached/facts/cell_codec.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;
using rapidjson::Value;
using std::chrono::milliseconds;

constexpr int most_tries = 100;

class Writer {
 public:
  explicit Writer(WallTime told) {
    json_.StartObject();
    json_.Key("told");
    json_.Int64(std::chrono::duration_cast<milliseconds>(told.time_since_epoch()).count());
  }

  void add(const char* name, std::string_view text) {
    json_.Key(name);
    write(text);
  }
  void add(const char* name, const Fact<std::string>& text) {
    if (const std::string* known = text.find()) add(name, std::string_view(*known));
  }
  void add(const char* name, std::int64_t number) {
    json_.Key(name);
    json_.Int64(number);
  }
  template <class T>
  void add(const char* name, const std::vector<T>& values) {
    json_.Key(name);
    json_.StartArray();
    for (const T& value : values) write(value);
    json_.EndArray();
  }
  std::string finish() {
    json_.EndObject();
    return {out_.GetString(), out_.GetSize()};
  }

 private:
  void write(std::uint32_t number) { json_.Uint(number); }
  void write(std::string_view text) {
    json_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  rapidjson::StringBuffer out_;
  rapidjson::Writer<rapidjson::StringBuffer> json_{out_};
};

class Reader {
 public:
  explicit Reader(std::string_view value) {
    json_.Parse<rapidjson::kParseIterativeFlag>(value.data(), value.size());
    good_ = !json_.HasParseError() && json_.IsObject();
  }

  // Empty: it is no value of ours.
  std::optional<WallTime> told(WallTime flushed, WallTime now) const {
    const auto number = find_number("told");
    constexpr std::int64_t most = std::int64_t{1} << 42;  // milliseconds: the year 2109
    if (!number || *number <= 0 || *number > most) return std::nullopt;
    const WallTime time{milliseconds(*number)};
    const WallTime latest = now + clocks_differ;
    if ((time < flushed && flushed <= latest) || time > latest) return std::nullopt;
    return time;
  }
  std::optional<std::int64_t> find_number(const char* name) const {
    const Value* value = find(name);
    return value && value->IsInt64() ? std::optional(value->GetInt64()) : std::nullopt;
  }
  std::string_view text(const char* name) const {
    const Value* value = find(name);
    return value && value->IsString() && value->GetStringLength() <= longest_word ? view(*value)
                                                                                  : "";
  }
  Fact<std::string> text_fact(const char* name) const {
    const auto found = text(name);
    return found.empty() ? Fact<std::string>::absent() : Fact<std::string>(std::string(found));
  }
  std::optional<base::Address> address(const char* name) const {
    return base::parse_address(text(name));
  }
  std::vector<std::uint32_t> numbers(const char* name) const {
    std::vector<std::uint32_t> all;
    const Value* values = find(name);
    if (values && values->IsArray() && values->Size() <= most_as_numbers)
      for (const Value& value : values->GetArray())
        if (value.IsUint()) all.push_back(value.GetUint());
    return all;
  }
  Fact<std::vector<std::string>> texts(const char* name) const {
    std::vector<std::string> all;
    const Value* values = find(name);
    if (values && values->IsArray() && values->Size() <= most_entities)
      for (const Value& value : values->GetArray())
        if (value.IsString() && value.GetStringLength() <= longest_word)
          all.emplace_back(view(value));
    return all.empty() ? Fact<std::vector<std::string>>::absent()
                       : Fact<std::vector<std::string>>(std::move(all));
  }

 private:
  const Value* find(const char* name) const {
    if (!good_) return nullptr;
    const auto member = json_.FindMember(name);
    return member == json_.MemberEnd() ? nullptr : &member->value;
  }
  static std::string_view view(const Value& text) {
    return {text.GetString(), text.GetStringLength()};
  }

  rapidjson::Document json_;
  bool good_;
};

std::optional<Fact<Origin>> read_origin(const CellId& id, const Reader& json) {
  if (json.find_number("none")) return Fact<Origin>::absent();
  Origin origin{
      json.numbers("as"), {}, std::string(json.text("cc")), std::string(json.text("registry"))};
  const auto prefix = base::parse_network(json.text("prefix"));
  if (origin.as_numbers.empty() || !prefix) return std::nullopt;
  origin.prefix = *prefix;
  if (!prefix->contains(id.range.first) && !id.range.contains(prefix->address)) return std::nullopt;
  return Fact<Origin>(std::move(origin));
}

std::optional<NetworkWord> read_network(const CellId& id, std::string_view field,
                                        const Reader& json) {
  const auto first = json.address("first"), last = json.address("last");
  if (!first || !last || first->is_v4() != id.range.first.is_v4() ||
      last->is_v4() != first->is_v4() || first->bytes > last->bytes)
    return std::nullopt;
  NetworkWord word;
  word.network = {*first, *last, json.text_fact("name"), json.text_fact("cc"),
                  json.texts("entities")};
  word.from = json.text("from");
  if (json.find_number("none")) word.kind = NetworkWord::Kind::none;
  if (!word.range().touches(id.range) || network_field(id, word.range()) != field)
    return std::nullopt;
  return word;
}

}  // namespace

std::string as_key(std::uint32_t number) { return cat("as:", number); }

std::string network_field(const CellId& id, const Range& range) {
  const Range part = id.clip(range);
  return cat("n:", hex_of(part.first), "-", hex_of(part.last));
}

std::string value_of(const Fact<Origin>& origin, WallTime told) {
  Writer json(told);
  if (const Origin* known = origin.find()) {
    const int prefix = known->prefix.prefix - (known->prefix.address.is_v4() ? 96 : 0);
    json.add("as", known->as_numbers);
    json.add("prefix", std::string_view(cat(base::text_of(known->prefix.address), "/", prefix)));
    json.add("cc", std::string_view(known->country));
    json.add("registry", std::string_view(known->registry));
  } else {
    json.add("none", std::int64_t{1});
  }
  return json.finish();
}

std::string value_of(const NetworkWord& word, WallTime told) {
  Writer json(told);
  if (word.kind == NetworkWord::Kind::none) json.add("none", std::int64_t{1});
  json.add("first", std::string_view(base::text_of(word.network.first)));
  json.add("last", std::string_view(base::text_of(word.network.last)));
  json.add("name", word.network.name);
  json.add("cc", word.network.country);
  if (const auto* entities = word.network.entities.find()) json.add("entities", *entities);
  json.add("from", std::string_view(word.from));
  return json.finish();
}

std::string value_of(const Fact<std::string>& as_name, WallTime told) {
  Writer json(told);
  json.add("name", as_name);
  if (!as_name.find()) json.add("none", std::int64_t{1});
  return json.finish();
}

std::string value_of(const Trouble& trouble) {
  Writer json(trouble.told);
  json.add("tries", std::int64_t{trouble.tries});
  return json.finish();
}

ShelvedCell parse_cell(const CellId& id, const Shelf::Kept& kept, WallTime now) {
  ShelvedCell cell;
  for (const auto& [field, value] : kept.fields) {
    const Reader json(value);
    const auto told = json.told(kept.flushed, now);
    if (!told) continue;
    if (field == origin_field) {
      if (auto origin = read_origin(id, json))
        cell.origin = Dated<Fact<Origin>>{std::move(*origin), *told};
    } else if (field == trouble_field) {
      const auto tries = json.find_number("tries").value_or(0);
      if (tries > 0)
        cell.trouble = Trouble{*told, static_cast<int>(std::min<std::int64_t>(tries, most_tries))};
    } else if (auto word = read_network(id, field, json)) {
      cell.networks.push_back({std::move(*word), *told});
    }
  }
  return cell;
}

std::optional<Dated<Fact<std::string>>> parse_as_name(const Shelf::Kept& kept, WallTime now) {
  for (const auto& [field, value] : kept.fields) {
    if (field != as_name_field) continue;
    const Reader json(value);
    const auto told = json.told(kept.flushed, now);
    auto name = json.text_fact("name");
    if (told && (name.find() || json.find_number("none")))
      return Dated<Fact<std::string>>{std::move(name), *told};
  }
  return std::nullopt;
}

}  // namespace facts
