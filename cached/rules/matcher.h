// What a list compiles to: something that takes entries and then finds the first rule for a
// subject. One class for each kind of entry.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "cached/base/ip.h"
#include "cached/base/result.h"
#include "cached/facts/facts.h"
#include "cached/rules/patterns.h"
#include "cached/rules/rule.h"

namespace rules {

// What a list is asked about; views into Facts.
using Subject =
    std::variant<std::string_view, std::uint32_t, base::Address, const facts::Position*>;

class Matcher {
 public:
  virtual ~Matcher() = default;

  // `text` is an entry without its comment; `syntax` is for patterns. An error says what is wrong
  // with the entry.
  virtual base::Status add(std::string_view text, Syntax syntax, RuleId id) = 0;
  virtual base::Status build() = 0;  // once, after the last add()

  // Of a subject that is not of its kind: none.
  virtual std::optional<RuleId> find(const Subject& subject, const Live& live) const = 0;
};

std::unique_ptr<Matcher> make_networks();    // ADDRESS or ADDRESS/PREFIX, text behind it
std::unique_ptr<Matcher> make_patterns();    // see patterns.h; 'x and "x are literals
std::unique_ptr<Matcher> make_hosts();       // the same, letters in either case
std::unique_ptr<Matcher> make_countries();   // two letters in either case, text behind them
std::unique_ptr<Matcher> make_words();       // the whole entry, letters in either case; as 'x
std::unique_ptr<Matcher> make_as_numbers();  // AS123 or 123, text behind it; AS456 there counts too
std::unique_ptr<Matcher> make_place_ids();   // a Geonames ID, text behind it
std::unique_ptr<Matcher> make_circles();     // latitude,longitude,radius,share

// The networks themselves, each with its place among them as its rule.
std::unique_ptr<Matcher> make_network_list(const std::vector<base::Network>& networks);

}  // namespace rules
