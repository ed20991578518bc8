// See reader.h. JSON is RapidJSON's business; what is a field of what is in event.cc.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/reader.h"

#include <rapidjson/reader.h>
#include <deque>
#include <vector>

#include "cached/base/text.h"

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
  return line.starts_with(beginning);
}

// What a line of JSON says at its outermost level. Views into the text, which is parsed in place.
class Collector : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Collector> {
 public:
  struct Field {
    std::string_view name, value;
  };
  std::vector<Field> fields;

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 1) name_ = {text, size};
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 1 && !bytes_) fields.push_back({name_, {text, size}});
    return true;
  }
  bool Uint(unsigned number) {
    if (bytes_) bytes_->push_back(static_cast<char>(number));
    return true;
  }
  bool Default() { return true; }
  bool StartObject() { return ++depth_ > 0; }
  bool EndObject(rapidjson::SizeType) { return --depth_ >= 0; }
  // Of what is not UTF-8 journalctl writes the bytes.
  bool StartArray() {
    if (depth_ == 1) bytes_ = &arrays_.emplace_back();
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    if (depth_ == 1 && bytes_) fields.push_back({name_, *bytes_});
    if (depth_ == 1) bytes_ = nullptr;
    return true;
  }

 private:
  int depth_ = 0;
  std::string_view name_;
  std::deque<std::string> arrays_;
  std::string* bytes_ = nullptr;
};

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
  return line.starts_with('{') ? read_json(line) : read_text(line);
}

// [<6>] [STAMP HOST] mail-audit[PID]: user=...
std::optional<Event> Reader::read_text(std::string_view line) {
  if (line.starts_with('<') && line.size() > 3)
    line.remove_prefix(std::min(line.find('>'), line.size() - 1) + 1);
  Event event;
  event.time = stamps_.take(line);
  if (event.time) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  if (!take_tag(line)) return std::nullopt;
  read_fields(line, event);
  finish(event);
  return event;
}

std::optional<Event> Reader::read_json(std::string_view line) {
  buffer_.assign(line);
  rapidjson::InsituStringStream stream(buffer_.data());
  rapidjson::Reader parser;
  Collector collector;
  constexpr auto how = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag;
  if (parser.Parse<how>(stream, collector).IsError()) {
    broken_++;
    return std::nullopt;
  }
  Entry entry;
  for (const auto& [name, value] : collector.fields) entry.set(name, value);
  return entry.finish();
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

std::optional<Event> Entry::finish() {
  if (!is_audit_) return std::nullopt;
  if (!has_fields_) {
    if (!message_.starts_with(beginning)) return std::nullopt;
    read_fields(message_, event_);
  }
  report::finish(event_);
  return std::move(event_);
}

}  // namespace ctl::report
