// See inetnum.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/inetnum.h"

#include <algorithm>
#include <string>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::Result;

// What a registry calls the addresses that others manage.
bool is_placeholder(std::string_view name) {
  constexpr std::string_view names[] = {"NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK", "IANA-BLK",
                                        "IANA-RSVD", "ERX-NETBLOCK"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names) ||
         name.starts_with("IANA-NETBLOCK-");
}

}  // namespace

class InetnumReader {
 public:
  explicit InetnumReader(SeedText& text) : text_(text) {}

  Result<Inetnums> read() {
    std::string_view line;
    while (text_.next(line))
      if (line.empty())
        end_object();
      else
        see_line(line);
    end_object();
    if (objects_ == 0 && text_.errors().empty()) text_.complain_of_file("has no networks");
    if (!text_.errors().empty()) return Error{text_.errors()};
    inetnums_.ranges_.build();
    inetnums_.texts_.shrink();
    return std::move(inetnums_);
  }

 private:
  enum class In { nothing, v4, v6, other };  // the class of the object at hand

  void see_line(std::string_view line) {
    const char first = line.front();
    if (first == '%' || first == '#') return;
    if (first == ' ' || first == '\t' || first == '+') {
      if (value_ && value_->size() <= Texts::longest) *value_ += cat(" ", bare(line.substr(1)));
      return;
    }
    if (in_ == In::other) return;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      text_.complain("is no attribute of an object");
      return;
    }
    begin_attribute(line.substr(0, colon), bare(line.substr(colon + 1)));
  }

  // Without its comment and the blanks around it.
  static std::string_view bare(std::string_view value) {
    return base::trim(value.substr(0, value.find('#')));
  }

  // The first attribute names the class. Of several with one name the first counts.
  void begin_attribute(std::string_view name, std::string_view value) {
    value_ = nullptr;
    const auto take = [&](std::string& into) {
      if (!into.empty()) return;
      into = value;
      value_ = &into;
    };
    const auto is = [&](std::string_view word) { return base::equals_ignoring_case(name, word); };
    if (in_ == In::nothing) {
      in_ = is("inetnum") ? In::v4 : is("inet6num") ? In::v6 : In::other;
      began_ = text_.line();
      if (in_ != In::other) take(network_);
    } else if (in_ != In::other && is("netname")) {
      take(name_);
    } else if (in_ != In::other && is("country")) {
      take(country_);
    }
  }

  void end_object() {
    const std::string problem = in_ == In::v4 ? add_v4() : in_ == In::v6 ? add_v6() : "";
    if (!problem.empty()) text_.complain(began_, problem);
    if (in_ == In::v4 || in_ == In::v6) objects_++;
    in_ = In::nothing;
    value_ = nullptr;
    network_.clear();
    name_.clear();
    country_.clear();
  }

  std::string add_v4() {
    const auto dash = network_.find('-');
    const auto whole = std::string_view(network_);
    const auto first = base::parse_address(base::trim(whole.substr(0, dash)));
    const auto last = dash == std::string::npos
                          ? std::nullopt
                          : base::parse_address(base::trim(whole.substr(dash + 1)));
    if (!first || !last || !first->is_v4() || !last->is_v4() || v4_key(*last) < v4_key(*first))
      return cat(base::printable(whole.substr(0, 80)), " is no range of IPv4 addresses");
    const auto place = keep();
    if (!place) return "its name and country are too long";
    const bool is_all = v4_key(*last) - v4_key(*first) == ~V4Key{0};
    if (!is_all && !is_placeholder(name_))
      inetnums_.ranges_.add_v4(v4_key(*first), v4_key(*last), *place);
    return "";
  }

  std::string add_v6() {
    const auto network = base::parse_network(network_);
    if (!network || network->address.is_v4() || network_.find('/') == std::string::npos)
      return cat(base::printable(network_.substr(0, 80)), " is no IPv6 network");
    const auto place = keep();
    if (!place) return "its name and country are too long";
    if (!is_placeholder(name_) && network->prefix > 0) inetnums_.ranges_.add(*network, *place);
    return "";
  }

  std::optional<std::uint32_t> keep() { return inetnums_.texts_.add(cat(name_, "\n", country_)); }

  SeedText& text_;
  Inetnums inetnums_;
  In in_ = In::nothing;
  std::uint32_t began_ = 0;               // the line of the object's first attribute
  std::string network_, name_, country_;  // of the object
  std::string* value_ = nullptr;          // the one of them that is at hand
  std::uint64_t objects_ = 0;
};

Result<Inetnums> Inetnums::read(SeedText& text) { return InetnumReader(text).read(); }

std::optional<Seeds::Network> Inetnums::find(const base::Address& address) const {
  const auto place = ranges_.find(address);
  if (!place) return std::nullopt;
  const auto text = texts_.at(*place);
  const auto end = text.find('\n');
  return Seeds::Network{text.substr(0, end), text.substr(end + 1)};
}

}  // namespace facts
