// The table made from options.def, and one parser for each type of value.
// SPDX-License-Identifier: MIT

#include "cached/config/options.h"

#include <algorithm>

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

struct HiddenTag : PasswordTag {
  static constexpr char type_name[] = "text";
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

// A line of pairs.
struct NamedNetworksTag {
  static constexpr std::size_t most = 10'000;
  static Status take(std::string_view key, std::string_view value, int line, NamedNetworks& out) {
    const auto network = base::parse_network(key);
    if (!network) return network.error();
    if (value.empty()) return Error{cat(key, ": must have a name")};
    if (out.size() == most) return Error{cat("more than ", most, " networks")};
    for (const NamedNetwork& row : out)
      if (row.network == *network) return Error{cat(key, ": was named in line ", row.line)};
    out.push_back({*network, std::string(value), line});
    return Done{};
  }
};

// The section, be it the only one or one of a family.
template <class Section>
Section& one_of(Section& only, std::size_t) {
  return only;
}
template <class Section>
Section& one_of(std::vector<Named<Section>>& family, std::size_t which) {
  return family[which];
}

// Whether `get` gives the same of both: of each section, when it is a family.
template <class Section, class Get>
bool equal(const Section& a, const Section& b, const Get& get) {
  return get(a) == get(b);
}
template <class Section, class Get>
bool equal(const std::vector<Named<Section>>& a, const std::vector<Named<Section>>& b,
           const Get& get) {
  const auto same = [&](const auto& x, const auto& y) {
    return x.name == y.name && get(x) == get(y);
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

constexpr Section section_rows[] = {
#define SECTION(section, doc) {#section, doc, nullptr, nullptr, nullptr},
#define FAMILY(section, doc)               \
  {#section, doc,                          \
   [](Options& o, std::string_view name) { \
     o.section.emplace_back().name = name; \
     return o.section.size() - 1;          \
   },                                      \
   nullptr, nullptr},
#define PAIRS(section, Type, example, doc)                                  \
  {#section, doc, nullptr,                                                  \
   [](Options& o, std::string_view key, std::string_view value, int line) { \
     return Type##Tag::take(key, value, line, o.section);                   \
   },                                                                       \
   example},
#include "cached/config/options.def"
};

const Option option_rows[] = {
#define OPTION(section, name, Type, fallback, limits, when, doc)               \
  {#section,                                                                   \
   #name,                                                                      \
   Type##Tag::type_name,                                                       \
   fallback,                                                                   \
   limits,                                                                     \
   When::when,                                                                 \
   doc,                                                                        \
   [](Options& o, std::size_t which, std::string_view text, const Limits& l) { \
     return Type##Tag::parse(text, l, one_of(o.section, which).name);          \
   },                                                                          \
   [](const Options& a, const Options& b) {                                    \
     const auto get = [](const auto& s) -> const auto& { return s.name; };     \
     return equal(a.section, b.section, get);                                  \
   }},
#include "cached/config/options.def"
};

void set_defaults(Options& options, const Section& section, std::size_t which) {
  for (const Option& option : option_rows) {
    if (std::string_view(option.section) != section.name) continue;
    const Status set = option.set(options, which, option.fallback, option.limits);
    base::check(static_cast<bool>(set), option.name);
  }
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \t"));
}

}  // namespace

std::span<const Section> sections() { return section_rows; }
std::span<const Option> all_options() { return option_rows; }

const Section* find_section(std::string_view section) {
  for (const Section& row : section_rows)
    if (first_word(section) == row.name) return &row;
  return nullptr;
}

const Option* find_option(std::string_view section, std::string_view name) {
  for (const Option& option : option_rows)
    if (first_word(section) == option.section && name == option.name) return &option;
  return nullptr;
}

Options default_options() {
  Options options;
  for (const Section& section : section_rows)
    if (!section.add) set_defaults(options, section, 0);
  return options;
}

std::size_t add_section(Options& options, const Section& family, std::string_view name) {
  const std::size_t which = family.add(options, name);
  set_defaults(options, family, which);
  return which;
}

}  // namespace config
