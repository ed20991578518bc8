// See lists.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/lists.h"

#include <algorithm>
#include <ctime>
#include <iostream>

#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/ctl/list_settings.h"
#include "cached/rules/circles.h"
#include "cached/rules/policy.h"

namespace ctl {
namespace {

using base::cat;
using base::Error;
using base::Result;

constexpr int exit_bad = 2;

int fail(const std::string& text) {
  std::cerr << text << (text.ends_with('\n') ? "" : "\n");
  return exit_bad;
}

struct Asked {
  GivenForList given;
  std::vector<std::string> words;  // what is no option
};

Result<Asked> parse(Arguments arguments) {
  Asked asked;
  bool may_be_option = true;
  for (std::size_t i = 0; i < arguments.size(); i++) {
    const auto& word = arguments[i];
    const bool has_value = i + 1 < arguments.size();
    if (may_be_option && word == "--") {
      may_be_option = false;
    } else if (may_be_option && word.starts_with("--")) {
      const auto taken =
          has_value ? take_list_option(asked.given, word, arguments[++i]) : Result<bool>(false);
      if (!taken) return taken.error();
      if (!*taken) return Error{cat("not understood: ", word)};
    } else {
      asked.words.push_back(word);
    }
  }
  return asked;
}

// What a list of that type would look at.
std::optional<rules::Subject> subject_of(const rules::ListType& type, const std::string& text,
                                         facts::Position& position) {
  if (type.matcher == rules::make_networks) {
    const auto address = base::parse_address(text);
    return address ? std::optional<rules::Subject>(*address) : std::nullopt;
  }
  if (type.matcher == rules::make_as_numbers || type.matcher == rules::make_place_ids) {
    const bool marked = base::equals_ignoring_case(text.substr(0, 2), "AS");
    const auto number = base::parse_number<std::uint32_t>(text.substr(marked ? 2 : 0));
    return number ? std::optional<rules::Subject>(*number) : std::nullopt;
  }
  if (type.matcher == rules::make_circles) {
    const auto circle = rules::parse_circle(text + ",0");
    if (!circle) return std::nullopt;
    position.latitude = circle->latitude;
    position.longitude = circle->longitude;
    constexpr double around_the_world = 40'075;  // km
    position.accuracy_radius =
        static_cast<std::uint32_t>(std::min(circle->radius, around_the_world));
    return &position;
  }
  return std::string_view(text);
}

// The line of a file, as it stands there.
std::string line_at(const std::string& where) {
  const auto colon = where.rfind(':');
  const auto texts = rules::read_lists(where.substr(0, colon));
  const auto number = base::parse_number<int>(std::string_view(where).substr(colon + 1));
  if (!texts || !number) return where;
  auto line = base::part(texts->front().text, '\n', *number - 1).value_or("");
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

// Hints at entries that are right, but hardly what was meant.
void show_warnings(const rules::ListSettings& settings) {
  const auto texts = rules::read_lists(settings.path);
  if (!texts || !settings.type->has_patterns) return;
  for (const auto& text : *texts) {
    rules::Lines lines(text, rules::Comments::behind_pattern);
    rules::Entry entry;
    while (lines.next(entry)) {
      const auto syntax = lines.syntax().value_or(settings.syntax);
      const auto warning = rules::warning(entry.text, syntax);
      if (!warning.empty())
        std::cerr << text.file.path << ':' << entry.line << ": warning: " << warning << '\n';
    }
  }
}

}  // namespace

base::Result<int> check_lists(const config::Options& options, Arguments arguments) {
  auto asked = parse(arguments);
  if (!asked) return fail(asked.error().text);
  if (asked->words.empty()) {
    for (const auto& list : options.list) asked->words.push_back(list.path);
    // What cached could not read is wrong too, though root can.
    const auto as_cached = base::drop_root(options.server.user, "");
    if (!as_cached) std::cerr << "cachedctl: warning: " << as_cached.error().text << '\n';
  }
  int code = EXIT_SUCCESS;
  for (const std::string& path : asked->words) {
    const auto settings = settings_for(options, path, asked->given);
    const auto list = settings ? rules::List::load(*settings)
                               : Result<std::shared_ptr<const rules::List>>(settings.error());
    if (!list) {
      code = fail(list.error().text);
      continue;
    }
    show_warnings(*settings);
    if (const auto warning = rules::warning_of(*settings->type, options); !warning.empty())
      std::cerr << path << ": warning: " << warning << '\n';
    std::cout << path << ": " << (*list)->size() << " entries of type " << settings->type->name
              << '\n';
  }
  return code;
}

base::Result<int> match_list(const config::Options& options, Arguments arguments) {
  const auto asked = parse(arguments);
  if (!asked) return fail(asked.error().text);
  if (asked->words.size() < 2)
    return fail("lists match [--type TYPE] [--syntax SYNTAX] FILE SUBJECT...");
  const auto settings = settings_for(options, asked->words[0], asked->given);
  if (!settings) return fail(settings.error().text);
  const auto list = rules::List::load(*settings);
  if (!list) return fail(list.error().text);
  const auto now = static_cast<rules::Time>(std::time(nullptr));
  int code = EXIT_SUCCESS;
  for (const std::string& text : std::span(asked->words).subspan(1)) {
    facts::Position position;
    const auto subject = subject_of(*settings->type, text, position);
    if (!subject)
      return fail(cat(text, ": is nothing that a list of ", settings->type->name, " is about"));
    const auto rule = (*list)->find(*subject, now);
    if (!rule) code = EXIT_FAILURE;
    std::cout << (rule ? line_at((*list)->where(*rule)) : "-") << '\n';
  }
  return code == EXIT_SUCCESS ? EXIT_SUCCESS : 1;
}

}  // namespace ctl
