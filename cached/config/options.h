// The options of cached.conf as a struct, made from the rows of options.def:
// options.limits.requests; and of sections that come many times, options.list[0].path.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/ip.h"
#include "cached/base/result.h"
#include "cached/base/secret.h"

namespace config {

// The types of option values.
using Text = std::string;
using Path = std::string;       // absolute
using MaybePath = std::string;  // absolute, or empty
using Number = std::int64_t;
using Duration = std::chrono::milliseconds;   // 500ms, 20s, 5m, 2h, 1d; a bare number is seconds
using Words = std::vector<std::string>;       // separated by blanks or commas
using Networks = std::vector<base::Network>;  // addresses and networks, separated likewise
struct Choice : std::string {                 // one of a few words
  using std::string::string;
};

// Of a server. Never in a message.
class Password {
 public:
  Password() : secret_(std::make_shared<base::Secret>()) {}
  explicit Password(std::string_view text) : secret_(std::make_shared<base::Secret>(text)) {}
  const base::Secret& operator*() const { return *secret_; }
  bool empty() const { return secret_->reveal().empty(); }
  bool operator==(const Password& other) const {
    return secret_->reveal() == other.secret_->reveal();
  }

 private:
  std::shared_ptr<const base::Secret> secret_;
};

using Hidden = Password;  // text that is in no message, such as a name with a key in it

// One section of a family, [list NAME].
template <class Section>
struct Named : Section {
  std::string name;  // of A-Z a-z 0-9 _ . -
};

struct NamedNetwork {
  base::Network network;
  std::string name;
  int line = 0;  // of the file
  bool operator==(const NamedNetwork& other) const {
    return network == other.network && name == other.name;
  }
};
using NamedNetworks = std::vector<NamedNetwork>;  // in the order of the file, no network twice

struct Options {
#define SECTION(name, doc) struct name##_options {
#define OPTION(section, name, Type, fallback, limits, when, doc) Type name{};
#define END(name) \
  }               \
  name;
#define FAMILY(name, doc) struct name##_options {
#define END_FAMILY(name) \
  }                      \
  ;                      \
  std::vector<Named<name##_options>> name;  // in the order of the file
#define PAIRS(name, Type, example, doc) Type name;
#include "cached/config/options.def"
};

struct Limits {
  std::int64_t min = 0;
  std::int64_t max = 0;
  const char* choices = nullptr;  // "a|b|c"
};

enum class When { live, start };

struct Option {
  const char* section;  // or family
  const char* name;
  const char* type;  // as the manual names it
  const char* fallback;
  Limits limits;
  When when;
  const char* doc;
  // `which` of the sections of a family; 0 where there is one.
  base::Status (*set)(Options& options, std::size_t which, std::string_view text,
                      const Limits& limits);
  bool (*same)(const Options& a, const Options& b);
};

struct Section {
  const char* name;
  const char* doc;
  // Of a family: adds a section with that NAME, its options empty. Null: it is none.
  std::size_t (*add)(Options& options, std::string_view name);
  // Of pairs: takes a line. Null: it has options.
  base::Status (*take)(Options& options, std::string_view key, std::string_view value, int line);
  const char* example;  // of pairs
};

std::span<const Section> sections();
std::span<const Option> all_options();  // in the order of options.def

// The row of that name; null when there is none. `section` is what stands in the brackets: of a
// family, `list NAME` or `list`.
const Section* find_section(std::string_view section);
const Option* find_option(std::string_view section, std::string_view name);

Options default_options();  // no family has a section

// One more section of a family, at its defaults; returns which.
std::size_t add_section(Options& options, const Section& family, std::string_view name);

}  // namespace config
