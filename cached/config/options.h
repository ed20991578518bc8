// The options of cached.conf as a struct, made from the rows of options.def:
// options.limits.requests.
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

struct Options {
#define SECTION(name, doc) struct name##_options {
#define OPTION(section, name, Type, fallback, limits, when, doc) Type name{};
#define END(name) \
  }               \
  name;
#include "cached/config/options.def"
#undef SECTION
#undef OPTION
#undef END
};

struct Limits {
  std::int64_t min = 0;
  std::int64_t max = 0;
  const char* choices = nullptr;  // "a|b|c"
};

enum class When { live, start };

struct Option {
  const char* section;
  const char* name;
  const char* type;  // as the manual names it
  const char* fallback;
  Limits limits;
  When when;
  const char* doc;
  base::Status (*set)(Options& options, std::string_view text, const Limits& limits);
  bool (*same)(const Options& a, const Options& b);
};

struct Section {
  const char* name;
  const char* doc;
};

std::span<const Section> sections();
std::span<const Option> all_options();  // in the order of options.def

// The row of that name; null when there is none.
const Option* find_option(std::string_view section, std::string_view name);

Options default_options();

}  // namespace config
