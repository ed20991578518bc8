// The table made from options.def, and one parser for each type of value.
// SPDX-License-Identifier: MIT

#include "cached/config/options.h"

#include <type_traits>

#include "cached/base/text.h"

namespace config {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Status;

constexpr Limits any{};
constexpr Limits between(std::int64_t min, std::int64_t max) { return {min, max, nullptr}; }
constexpr Limits among(const char* choices) { return {0, 0, choices}; }

Status check_range(std::int64_t value, const Limits& limits, std::string_view unit) {
  if (value >= limits.min && value <= limits.max) return Done{};
  return Error{cat("must be between ", limits.min, unit, " and ", limits.max, unit)};
}

// One parser for each type; Path and Text are the same C++ type, told apart by a tag.
struct TextTag {
  static constexpr char type_name[] = "text";
  static Status parse(std::string_view text, const Limits&, std::string& out) {
    out = text;
    return Done{};
  }
};

struct PathTag {
  static constexpr char type_name[] = "path";
  static Status parse(std::string_view text, const Limits&, std::string& out) {
    if (!text.starts_with('/')) return Error{"must be an absolute path"};
    out = text;
    return Done{};
  }
};

struct MaybePathTag {
  static constexpr char type_name[] = "path";
  static Status parse(std::string_view text, const Limits& limits, std::string& out) {
    if (!text.empty()) return PathTag::parse(text, limits, out);
    out.clear();
    return Done{};
  }
};

struct PasswordTag {
  static constexpr char type_name[] = "password";
  static Status parse(std::string_view text, const Limits&, Password& out) {
    out = Password(text);
    return Done{};
  }
};

struct NumberTag {
  static constexpr char type_name[] = "number";
  static Status parse(std::string_view text, const Limits& limits, Number& out) {
    const auto number = base::parse_number<Number>(text);
    if (!number) return Error{"must be a whole number"};
    out = *number;
    return check_range(out, limits, "");
  }
};

struct DurationTag {
  static constexpr char type_name[] = "duration";
  struct Unit {
    std::string_view suffix;
    std::int64_t milliseconds;
  };
  static constexpr Unit units[] = {{"ms", 1},        {"s", 1000},       {"m", 60'000},
                                   {"h", 3'600'000}, {"d", 86'400'000}, {"", 1000}};

  static Status parse(std::string_view text, const Limits& limits, Duration& out) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = base::parse_number<std::int32_t>(text.substr(0, digits));
    const auto suffix = base::trim(text.substr(digits));
    for (const Unit& unit : units) {
      if (!number || suffix != unit.suffix) continue;
      out = Duration(*number * unit.milliseconds);
      return check_range(out.count(), limits, "ms");
    }
    return Error{"must be a number with ms, s, m, h or d behind it"};
  }
};

struct WordsTag {
  static constexpr char type_name[] = "words";
  static Status parse(std::string_view text, const Limits&, Words& out) {
    if (text.find_first_of("\"'") != std::string_view::npos)
      return Error{"there are no quotes around words"};
    const auto words = base::split_words(text);
    out.assign(words.begin(), words.end());
    return Done{};
  }
};

struct NetworksTag {
  static constexpr char type_name[] = "networks";
  static Status parse(std::string_view text, const Limits&, Networks& out) {
    out.clear();
    std::string problems;
    for (const auto word : base::split_words(text)) {
      const auto network = base::parse_network(word);
      if (network)
        out.push_back(*network);
      else
        problems += cat(problems.empty() ? "" : "; ", network.error().text);
    }
    if (!problems.empty()) return Error{problems};
    return Done{};
  }
};

struct ChoiceTag {
  static constexpr char type_name[] = "choice";
  static Status parse(std::string_view text, const Limits& limits, Choice& out) {
    std::string_view rest = limits.choices;
    while (!rest.empty()) {
      const auto choice = rest.substr(0, rest.find('|'));
      if (choice == text) {
        out.assign(text);
        return Done{};
      }
      rest.remove_prefix(std::min(choice.size() + 1, rest.size()));
    }
    return Error{cat("must be one of ", limits.choices)};
  }
};

constexpr Section section_rows[] = {
#define SECTION(name, doc) {#name, doc},
#define OPTION(section, name, Type, fallback, limits, when, doc)
#define END(name)
#include "cached/config/options.def"
#undef SECTION
#undef OPTION
#undef END
};

const Option option_rows[] = {
#define SECTION(name, doc)
#define OPTION(section, name, Type, fallback, limits, when, doc) \
  {#section,                                                     \
   #name,                                                        \
   Type##Tag::type_name,                                         \
   fallback,                                                     \
   limits,                                                       \
   When::when,                                                   \
   doc,                                                          \
   [](Options& o, std::string_view text, const Limits& l) {      \
     return Type##Tag::parse(text, l, o.section.name);           \
   },                                                            \
   [](const Options& a, const Options& b) { return a.section.name == b.section.name; }},
#define END(name)
#include "cached/config/options.def"
#undef SECTION
#undef OPTION
#undef END
};

}  // namespace

std::span<const Section> sections() { return section_rows; }
std::span<const Option> all_options() { return option_rows; }

const Option* find_option(std::string_view section, std::string_view name) {
  for (const Option& option : option_rows)
    if (section == option.section && name == option.name) return &option;
  return nullptr;
}

Options default_options() {
  Options options;
  for (const Option& option : option_rows) {
    const Status set = option.set(options, option.fallback, option.limits);
    base::check(static_cast<bool>(set), option.name);
  }
  return options;
}

}  // namespace config
