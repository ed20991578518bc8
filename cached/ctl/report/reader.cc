// See reader.h. JSON is RapidJSON's business; what is a field of what is in event.cc.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/reader.h"

#include <rapidjson/reader.h>
#include <vector>

#include "cached/base/text.h"
#include "cached/ctl/report/audit_json.h"

namespace ctl::report {
namespace {

constexpr std::string_view beginning = "user=";

// The value at the front, and the comma behind it. A > inside of brackets is escaped by us, and
// ends nothing by the predecessor when no field begins behind it.
std::string_view take_value(std::string_view& line) {
  std::size_t end = 0;
  if (line.starts_with('<')) {
    end = line.find('>');
    while (end != std::string_view::npos && end + 1 < line.size() &&
           !line.substr(end + 1).starts_with(", "))
      end = line.find('>', end + 1);
    end = end == std::string_view::npos ? line.size() : end + 1;
  } else {
    end = std::min(line.find(", "), line.size());
  }
  const auto value = line.substr(0, end);
  line.remove_prefix(std::min(end + 2, line.size()));
  return value;
}

// Takes `tag[123]: ` off the front.
bool take_tag(std::string_view& line) {
  if (!line.starts_with(audit_tag)) return false;
  auto rest = line.substr(audit_tag.size());
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos || !base::parse_number<unsigned>(rest.substr(1, end - 1)))
      return false;
    rest.remove_prefix(end + 1);
  }
  if (!rest.starts_with(": ")) return false;
  line = rest.substr(2);
  return line.starts_with(beginning) || line.starts_with('{');
}

// What a line of JSON says at its outermost level. Views into the text, which is parsed in place.
// null is nothing.
class Collector : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Collector> {
 public:
  std::vector<JsonField> fields;

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 1) name_ = {text, size};
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) { return take({text, size}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return take({text, size}); }
  bool Bool(bool yes) { return take(yes ? "true" : "false"); }
  bool Default() { return true; }
  bool StartObject() { return ++depth_ > 0; }
  bool EndObject(rapidjson::SizeType) { return --depth_ >= 0; }
  bool StartArray() {
    if (depth_ == 1) fields.push_back({name_, {}, true, {}});
    in_list_ = depth_++ == 1;
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    in_list_ = false;  // of a list in it, too: ours have none
    return --depth_ >= 0;
  }

 private:
  bool take(std::string_view text) {
    if (depth_ == 1) fields.push_back({name_, text, false, {}});
    if (depth_ == 2 && in_list_) fields.back().items.push_back(text);
    return true;
  }

  int depth_ = 0;
  bool in_list_ = false;
  std::string_view name_;
};

// Of what is not UTF-8 journalctl writes the bytes; of a field that is there several times, a list.
std::string bytes_of(const JsonField& field) {
  std::string bytes;
  for (const auto item : field.items) {
    const auto number = base::parse_number<unsigned char>(item);
    if (!number) return std::string(item);
    bytes += static_cast<char>(*number);
  }
  return bytes;
}

}  // namespace

void read_fields(std::string_view line, Event& event) {
  while (!line.empty()) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return;
    const auto name = line.substr(0, equals);
    line.remove_prefix(equals + 1);
    set_from_line(event, name, take_value(line));
  }
}

std::optional<Event> Reader::read(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  return line.starts_with('{') ? read_json(line, 0) : read_text(line);
}

// [<6>] [STAMP HOST] mail-audit[PID]: user=..., or {...}
std::optional<Event> Reader::read_text(std::string_view line) {
  if (line.starts_with('<') && line.size() > 3)
    line.remove_prefix(std::min(line.find('>'), line.size() - 1) + 1);
  Event event;
  event.time = stamps_.take(line);
  if (event.time) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  if (!take_tag(line)) return std::nullopt;
  if (line.starts_with('{')) return read_json(line, event.time);
  read_fields(line, event);
  finish(event);
  return event;
}

std::optional<Event> Reader::read_json(std::string_view line, Seconds time) {
  buffer_.assign(line);
  rapidjson::InsituStringStream stream(buffer_.data());
  rapidjson::Reader parser;
  Collector collector;
  constexpr auto how = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                       rapidjson::kParseNumbersAsStringsFlag;
  if (parser.Parse<how>(stream, collector).IsError()) {
    broken_++;
    return std::nullopt;
  }
  if (is_audit_line(collector.fields)) return read_object(collector.fields, time);
  Entry entry;
  for (const auto& field : collector.fields)
    entry.set(field.name, field.is_list ? bytes_of(field) : field.value);
  return entry.finish();
}

std::optional<Event> Reader::read_object(const std::vector<JsonField>& fields, Seconds time) {
  Event event;
  std::string_view stamp = fields.front().value;
  event.time = time ? time : stamps_.take(stamp);
  for (const auto& field : fields) set_from_json(event, field);
  finish(event);
  return event;
}

void Entry::set(std::string_view name, std::string_view value) {
  if (name.starts_with("AUDIT_")) {
    set_from_journal(event_, name, value);
    has_fields_ = true;
  } else if (name == "SYSLOG_IDENTIFIER") {
    is_audit_ = value == audit_tag;
  } else if (name == "MESSAGE") {
    message_ = value;
  } else if (name == "__REALTIME_TIMESTAMP") {
    event_.time = base::parse_number<Seconds>(value).value_or(0) / 1'000'000;
  }
}

// The predecessor's entries have the organisation in the line only.
std::optional<Event> Entry::finish() {
  if (!is_audit_) return std::nullopt;
  const bool has_line = message_.starts_with(beginning);
  if (!has_fields_ && !has_line) return std::nullopt;
  if (!has_fields_) {
    read_fields(message_, event_);
  } else if (has_line && !event_.facts.as_org.find()) {
    Event line;
    read_fields(message_, line);
    event_.facts.as_org = std::move(line.facts.as_org);
  }
  report::finish(event_);
  return std::move(event_);
}

}  // namespace ctl::report
