// Fuzz target: a list file. The first byte says of which type, the second one how patterns are
// written. Every error names its line; what is accepted has a place for each entry, and an entry
// that says whom it is about is found by that.
// SPDX-License-Identifier: MIT

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "cached/base/check.h"
#include "cached/base/text.h"
#include "cached/rules/circles.h"
#include "cached/rules/list.h"

namespace {

using base::cat;
using base::check;
using rules::RuleId;

// A file of these bytes, opened without touching a disk.
class InMemory {
 public:
  explicit InMemory(std::string_view bytes) : file_(memfd_create("list", MFD_CLOEXEC)) {
    check(fchmod(file_, 0600) == 0, "fchmod");
    check(write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
  }
  InMemory(const InMemory&) = delete;
  InMemory& operator=(const InMemory&) = delete;
  ~InMemory() { close(file_); }
  std::string path() const { return cat("/proc/self/fd/", file_); }

 private:
  const int file_;
};

// FILE:LINE: text, a line each.
void check_errors(const std::string& errors, const std::string& path, std::int64_t lines) {
  check(errors.ends_with('\n'), "an error is a line");
  for (int i = 0; const auto line = base::part(errors, '\n', i); i++) {
    if (line->empty() || *line == path + ": and more") continue;
    check(line->starts_with(path + ":"), "an error names its file");
    const auto rest = line->substr(path.size() + 1);
    const auto number = base::parse_number<std::int64_t>(rest.substr(0, rest.find(": ")));
    check(number && *number >= 1 && *number <= lines, "an error names its line");
    const bool plain = std::none_of(line->begin(), line->end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    check(plain && base::is_utf8(*line), "an error can stand in a log");
  }
}

std::string_view first_word(std::string_view text) { return base::split_words(text).front(); }

// Whom an entry is about, where it says that itself. An earlier entry may say the same.
std::optional<rules::Subject> subject_of(const rules::ListType& type, std::string_view text,
                                         facts::Position& position) {
  if (type.matcher == rules::make_circles) {
    const auto circle = rules::parse_circle(text);
    check(static_cast<bool>(circle), "a circle is accepted as one");
    position.latitude = circle->latitude;
    position.longitude = circle->longitude;
    return &position;
  }
  if (type.matcher == rules::make_as_numbers) {
    const auto word = first_word(text);
    const bool marked = base::equals_ignoring_case(word.substr(0, 2), "AS");
    const auto number = base::parse_number<std::uint32_t>(word.substr(marked ? 2 : 0));
    return number ? std::optional<rules::Subject>(*number) : std::nullopt;
  }
  if (type.matcher == rules::make_place_ids) {
    const auto number = base::parse_number<std::uint32_t>(first_word(text));
    return number ? std::optional<rules::Subject>(*number) : std::nullopt;
  }
  if (type.matcher == rules::make_countries) return text.substr(0, text[0] == 'N' ? 0 : 2);
  if (text.starts_with('"') || text.starts_with('\'')) return text.substr(1);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  if (type.matcher == rules::make_words || plain) return text;
  return std::nullopt;
}

void check_entry(const rules::List& list, const rules::Entry& entry, RuleId id) {
  const auto& settings = list.settings();
  check(list.where(id) == cat(settings.path, ":", entry.line), "a rule has its line");
  check(list.reason_of(id) == entry.reason, "and its reason");
  if (entry.until == 0) return;  // it has ended
  if (settings.type->matcher == rules::make_networks) {
    const auto text = entry.text.substr(0, entry.text.find_first_of(" \t,;"));
    const auto network = base::parse_network(text);
    check(static_cast<bool>(network), "a network is accepted as one");
    const auto found = list.find(network->address, 0);  // perhaps a longer one
    check(found.has_value(), "a network is found by its address");
    return;
  }
  facts::Position position;
  const auto subject = subject_of(*settings.type, entry.text, position);
  if (!subject) return;
  if (const auto* text = std::get_if<std::string_view>(&*subject); text && text->empty()) return;
  const auto found = list.find(*subject, 0);
  check(found && *found <= id, "an entry is found by what it says");
}

// Whatever a list sees must come out in some way.
void judge(const rules::List& list) {
  facts::Facts facts;
  facts.reverse_names = std::vector<std::string>{"mail.example.org", "\xff"};
  facts.as_org = facts.net_name = std::string("GOOGLE-CLOUD-PLATFORM, US");
  facts.as_names = std::vector{*facts.as_org.find()};
  facts.as_cc = facts.net_cc = std::string("US");
  facts.entities = std::vector<std::string>{"GOGL"};
  facts.as_numbers = std::vector<std::uint32_t>{0, 15169};
  facts.geo = facts::Geo();
  const auto outcome = list.match(facts, 0);
  if (outcome.is == rules::Outcome::Is::matched) check(outcome.rule < list.size(), "a rule of it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const InMemory file(text);
  rules::ListSettings settings;
  settings.name = "fuzzed";
  settings.type = &rules::list_types()[data[0] % rules::list_types().size()];
  settings.path = file.path();
  settings.syntax = static_cast<rules::Syntax>(data[1] % 3);
  const auto list = rules::List::load(settings);
  if (!list) {
    check_errors(list.error().text, settings.path, std::count(text.begin(), text.end(), '\n') + 1);
    return 0;
  }
  const rules::ListText again{settings.path, std::string(text)};
  rules::Lines lines(again, settings.type->has_patterns ? rules::Comments::behind_pattern
                                                        : rules::Comments::behind_anything);
  rules::Entry entry;
  RuleId id = 0;
  while (lines.next(entry)) check_entry(**list, entry, id++);
  check(lines.errors().empty(), "a list with errors is not accepted");
  check(id == (*list)->size(), "each entry is a rule");
  judge(**list);
  return 0;
}
