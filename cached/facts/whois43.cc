// See whois43.h. Lines `key: value` are objects with empty lines between them; the first key of a
// network is the range of its addresses.
// SPDX-License-Identifier: MIT

#include "cached/facts/whois43.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::Address;
using base::cat;

constexpr std::size_t longest_value = 255;  // of a name or country; RIPE's names have 80 at most

// How the registries say no, somewhere in a remark of theirs.
constexpr std::string_view refusals[] = {"error:20",       "access denied", "permission denied",
                                         "limit exceeded", "limit reached", "too many"};
constexpr std::string_view nothings[] = {"error:101", "no match", "no entries found",
                                         "not allocated", "unallocated"};

// What the names, and ARIN's types, of blocks begin with that stand for what others have.
constexpr std::string_view of_others[] = {"non-ripe-ncc-managed", "iana-blk",
                                          "iana-netblock",        "erx-netblock",
                                          "allocated to ",        "early registrations"};

bool has_any(std::string_view line, std::span<const std::string_view> words) {
  const auto is_there = [small = base::lower(line)](std::string_view word) {
    return small.find(word) != std::string::npos;
  };
  return std::ranges::any_of(words, is_there);
}

bool is_of_others(std::string_view value) {
  const auto begins = [small = base::lower(value)](std::string_view word) {
    return small.starts_with(word);
  };
  return std::ranges::any_of(of_others, begins);
}

using Range = std::pair<Address, Address>;

bool is_in(const Address& address, const RegisteredNetwork& network) {
  return address.is_v4() == network.first.is_v4() && network.first.bytes <= address.bytes &&
         address.bytes <= network.last.bytes;
}

// `192.0.2.0 - 192.0.2.255`, `2001:db8::/32`, and LACNIC's `200.57.128/19`.
std::optional<Range> range_of(std::string_view text) {
  if (const auto dash = text.find(" - "); dash != std::string_view::npos) {
    const auto first = base::parse_address(base::trim(text.substr(0, dash)));
    const auto last = base::parse_address(base::trim(text.substr(dash + 3)));
    if (!first || !last || first->is_v4() != last->is_v4() || first->bytes > last->bytes)
      return std::nullopt;
    return Range{*first, *last};
  }
  const auto slash = std::min(text.find('/'), text.size());
  std::string address(text.substr(0, slash));
  const bool is_v4 = address.find(':') == std::string::npos;
  for (auto dots = std::ranges::count(address, '.'); is_v4 && dots < 3; dots++) address += ".0";
  const auto network = base::parse_network(cat(address, text.substr(slash)));
  if (!network) return std::nullopt;
  Range range{network->address, network->address};
  for (auto bit = static_cast<std::size_t>(network->prefix); bit < 128; bit++)
    range.second.bytes[bit / 8] |= static_cast<unsigned char>(0x80 >> bit % 8);
  return range;
}

// What a registry writes for a reader behind a # is no part of the value, and the predecessors left
// out whatever is not ASCII.
Fact<std::string> value_of(std::string_view text) {
  std::string value(text.substr(0, text.find(" #")));
  std::erase_if(value, [](char c) { return c < ' ' || c > '~'; });
  value = base::trim(value);
  if (value.empty() || value.size() > longest_value) return Fact<std::string>::absent();
  return value;
}

// Takes the text line by line.
class Reader {
 public:
  explicit Reader(const Address& address) : address_(address) {}
  void read(std::string_view line);
  WhoisAnswer take();

 private:
  void read_attribute(const std::string& key, std::string_view value);
  void begin_object(const std::string& key, std::string_view value);
  void end_network();

  const Address address_;
  enum class In { nothing, network, owner, other } in_ = In::nothing;  // an object of which kind
  std::optional<RegisteredNetwork> current_, smallest_;
  bool current_is_of_others_ = false;
  bool refused_ = false, nothing_ = false;
};

void Reader::read(std::string_view line) {
  line = line.substr(0, line.find('\r'));
  const auto colon = line.find(':');
  if (base::trim(line).empty()) {
    in_ = In::nothing;
  } else if (line[0] == ' ' || line[0] == '\t' || line[0] == '+') {
    // It goes on with the value before, which is not one of those wanted.
  } else if (line[0] == '%' || line[0] == '#' || colon == std::string_view::npos) {
    refused_ |= has_any(line, refusals);
    nothing_ |= has_any(line, nothings);
  } else {
    read_attribute(base::lower(line.substr(0, colon)), base::trim(line.substr(colon + 1)));
  }
}

void Reader::begin_object(const std::string& key, std::string_view value) {
  in_ = In::other;
  if (key == "orgname" || key == "custname") in_ = In::owner;  // ARIN: of the network before
  if (key != "inetnum" && key != "inet6num" && key != "netrange") return;
  end_network();
  const auto range = range_of(value);
  if (!range) return;
  in_ = In::network;
  current_ = RegisteredNetwork{
      range->first, range->second, Fact<std::string>::absent(), Fact<std::string>::absent(), {}};
}

void Reader::read_attribute(const std::string& key, std::string_view value) {
  if (in_ == In::nothing) begin_object(key, value);
  if (!current_ || in_ == In::other) return;
  if (in_ == In::network && key == "netname" && !current_->name.find())
    current_->name = value_of(value);
  if (in_ == In::network && (key == "netname" || key == "nettype"))
    current_is_of_others_ |= is_of_others(value);
  if (key == "country" && !current_->country.find()) {
    current_->country = value_of(base::upper(value));
  }
}

void Reader::end_network() {
  const bool fits = current_ && is_in(address_, *current_);
  if (fits && current_is_of_others_) nothing_ = true;
  const bool is_smaller =
      fits && !current_is_of_others_ &&
      (!smallest_ || (is_in(current_->first, *smallest_) && is_in(current_->last, *smallest_)));
  if (is_smaller) smallest_ = std::move(current_);
  current_.reset();
  current_is_of_others_ = false;
}

WhoisAnswer Reader::take() {
  end_network();
  WhoisAnswer answer;
  if (refused_) {
    answer.is = WhoisAnswer::Is::refused;
  } else if (smallest_) {
    answer.is = WhoisAnswer::Is::network;
    answer.network = std::move(*smallest_);
  } else if (nothing_) {
    answer.is = WhoisAnswer::Is::nothing;
  }
  return answer;
}

}  // namespace

// ARIN would give a list of several networks without their details; and the others the people
// behind a network as well, of which they let nobody have more than some in a day.
std::string whois_question(Rir rir, const Address& address) {
  const char* const flags = rir == Rir::arin ? "n + " : rir == Rir::lacnic ? "" : "-r ";
  return cat(flags, base::text_of(address));
}

WhoisAnswer parse_whois(std::string_view text, const Address& address) {
  Reader reader(address);
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    reader.read(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return reader.take();
}

}  // namespace facts
