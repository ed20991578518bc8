// See matcher.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/matcher.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "cached/base/text.h"
#include "cached/rules/circles.h"
#include "cached/rules/countries.h"
#include "cached/rules/networks.h"

namespace rules {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Status;
using Found = std::optional<RuleId>;

// The first word; the rest of an entry is text for people.
std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \t,;"));
}

// START - END, or columns of which the second is the END, are no text for people: all but the first
// address would be lost.
bool has_another_network(std::string_view text) {
  text.remove_prefix(first_word(text).size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t,;-"), text.size()));
  const auto word = first_word(text);
  return word.find_first_of("0123456789") != std::string_view::npos && base::parse_network(word);
}

class NetworkList final : public Matcher {
 public:
  NetworkList() = default;
  explicit NetworkList(const std::vector<base::Network>& networks) {
    for (RuleId id = 0; id < networks.size(); id++) networks_.add(networks[id], id);
    networks_.build();
  }
  Status add(std::string_view text, Syntax, RuleId id) override {
    const auto network = base::parse_network(first_word(text));
    if (!network) return network.error();
    if (has_another_network(text)) return Error{"one network on a line, as ADDRESS/PREFIX"};
    networks_.add(*network, id);
    return Done{};
  }
  Status build() override {
    networks_.build();
    return Done{};
  }
  Found find(const Subject& subject, const Live& live) const override {
    const auto* address = std::get_if<base::Address>(&subject);
    return address ? networks_.find(*address, live) : std::nullopt;
  }

 private:
  Networks networks_;
};

class PatternList final : public Matcher {
 public:
  explicit PatternList(Patterns::Case letters) : patterns_(letters) {}
  Status add(std::string_view text, Syntax syntax, RuleId id) override {
    if (text.starts_with('"')) return patterns_.add(text.substr(1), Syntax::exact, id);
    if (text.starts_with('\'')) return patterns_.add(text.substr(1), Syntax::ignoring_case, id);
    return patterns_.add(text, syntax, id);
  }
  Status build() override { return patterns_.build(); }
  Found find(const Subject& subject, const Live& live) const override {
    const auto* text = std::get_if<std::string_view>(&subject);
    return text ? patterns_.find(*text, live) : std::nullopt;
  }

 private:
  Patterns patterns_;
};

// Keys and their rules, sorted: what is equal is found by halving.
template <class Key>
class Index {
 public:
  void add(Key key, RuleId id) { rows_.emplace_back(std::move(key), id); }
  void build() {
    std::sort(rows_.begin(), rows_.end());
    Rows(rows_).swap(rows_);  // without exceptions shrink_to_fit() does nothing
  }
  template <class View>
  Found find(const View& key, const Live& live) const {
    const auto before = [](const auto& row, const View& value) { return row.first < value; };
    auto row = std::lower_bound(rows_.begin(), rows_.end(), key, before);
    for (; row != rows_.end() && row->first == key; ++row)
      if (live(row->second)) return row->second;
    return std::nullopt;
  }

 private:
  using Rows = std::vector<std::pair<Key, RuleId>>;
  Rows rows_;
};

class WordList : public Matcher {
 public:
  Status add(std::string_view text, Syntax, RuleId id) override {
    const bool quoted = text.starts_with('\'') || text.starts_with('"');
    words_.add(base::lower(text.substr(quoted)), id);
    return Done{};
  }
  Status build() override {
    words_.build();
    return Done{};
  }
  Found find(const Subject& subject, const Live& live) const override {
    const auto* text = std::get_if<std::string_view>(&subject);
    return text ? words_.find(base::lower(*text), live) : std::nullopt;
  }

 private:
  Index<std::string> words_;
};

class CountryList final : public WordList {
 public:
  Status add(std::string_view text, Syntax syntax, RuleId id) override {
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
    const auto code = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    if (!is_country(code == "None" ? std::string(code) : base::upper(code)))
      return Error{cat(base::printable(text), ": there is no such country code (ISO 3166-1)")};
    constexpr std::string_view gaps = " \t,;:/(";  // DE-BY is not all of DE
    if (end != text.end() && gaps.find(*end) == std::string_view::npos)
      return Error{cat(base::printable(text), ": is more than a country code")};
    const auto behind = text.find_first_not_of(gaps, code.size());
    if (is_country(first_word(text.substr(std::min(behind, text.size())))))
      return Error{"one country on a line"};
    return WordList::add(code, syntax, id);
  }
};

class NumberList : public Matcher {
 public:
  Status build() override {
    numbers_.build();
    return Done{};
  }
  Found find(const Subject& subject, const Live& live) const override {
    const auto* number = std::get_if<std::uint32_t>(&subject);
    return number ? numbers_.find(*number, live) : std::nullopt;
  }

 protected:
  Index<std::uint32_t> numbers_;
};

// `2925533, 2921044`: of two numbers one would be lost. Behind a blank they are text.
bool has_another_number(std::string_view text) {
  const auto rest = base::trim(text.substr(first_word(text).size()));
  if (!rest.starts_with(',') && !rest.starts_with(';')) return false;
  const auto next = first_word(base::trim(rest.substr(1)));
  return base::parse_number<std::uint32_t>(next).has_value();
}

class AsNumberList final : public NumberList {
 public:
  Status add(std::string_view text, Syntax, RuleId id) override {
    const auto words = base::split_words(text);
    const auto own = words.empty() ? std::nullopt : as_number(words.front(), true);
    if (!own) return Error{cat(base::printable(text), ": is not an AS number such as AS3209")};
    if (has_another_number(text)) return Error{"AS must stand before every number but the first"};
    numbers_.add(*own, id);
    for (const auto word : std::span(words).subspan(1))
      if (const auto number = as_number(word, false)) numbers_.add(*number, id);
    return Done{};
  }

 private:
  // Behind the first one only AS and digits count, in whatever brackets.
  static std::optional<std::uint32_t> as_number(std::string_view word, bool first) {
    constexpr std::string_view around = "()[]{}.:;/";
    const auto begin = word.find_first_not_of(around);
    if (begin == std::string_view::npos) return std::nullopt;
    word = word.substr(begin, word.find_last_not_of(around) - begin + 1);
    const bool marked =
        first ? base::equals_ignoring_case(word.substr(0, 2), "AS") : word.starts_with("AS");
    if (marked) word.remove_prefix(2);
    return marked || first ? base::parse_number<std::uint32_t>(word) : std::nullopt;
  }
};

class PlaceIdList final : public NumberList {
 public:
  Status add(std::string_view text, Syntax, RuleId id) override {
    auto word = first_word(text);
    if (word.ends_with(".0")) word.remove_suffix(2);  // dovecot_badclients needed it
    const auto number = base::parse_number<std::uint32_t>(word);
    if (!number || *number == 0)
      return Error{cat(base::printable(text), ": is not a Geonames ID such as 2921044")};
    if (has_another_number(text)) return Error{"one Geonames ID on a line"};
    numbers_.add(*number, id);
    return Done{};
  }
};

class CircleList final : public Matcher {
 public:
  Status add(std::string_view text, Syntax, RuleId id) override {
    const auto circle = parse_circle(text);
    if (!circle) return circle.error();
    circles_.add(*circle, id);
    return Done{};
  }
  Status build() override { return Done{}; }
  Found find(const Subject& subject, const Live& live) const override {
    const auto* position = std::get_if<const facts::Position*>(&subject);
    return position ? circles_.find(**position, live) : std::nullopt;
  }

 private:
  Circles circles_;
};

}  // namespace

std::unique_ptr<Matcher> make_networks() { return std::make_unique<NetworkList>(); }
std::unique_ptr<Matcher> make_network_list(const std::vector<base::Network>& networks) {
  return std::make_unique<NetworkList>(networks);
}
std::unique_ptr<Matcher> make_patterns() {
  return std::make_unique<PatternList>(Patterns::Case::matters);
}
std::unique_ptr<Matcher> make_hosts() {
  return std::make_unique<PatternList>(Patterns::Case::ignored);
}
std::unique_ptr<Matcher> make_countries() { return std::make_unique<CountryList>(); }
std::unique_ptr<Matcher> make_words() { return std::make_unique<WordList>(); }
std::unique_ptr<Matcher> make_as_numbers() { return std::make_unique<AsNumberList>(); }
std::unique_ptr<Matcher> make_place_ids() { return std::make_unique<PlaceIdList>(); }
std::unique_ptr<Matcher> make_circles() { return std::make_unique<CircleList>(); }

}  // namespace rules
