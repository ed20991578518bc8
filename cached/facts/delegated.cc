// See delegated.h. Its lines:
//   2|ripencc|1790287199|3|19830705|20260924|+0200        the version, first
//   ripencc|*|ipv4|*|1|summary                            how many records of a type there are
//   ripencc|FR|ipv4|2.0.0.0|1048576|20100712|allocated|4a1...   as many addresses from that one on
//   ripencc|DE|ipv6|2001:608::|32|19991217|allocated|9c7...     the network of that prefix
//   ripencc|DE|asn|1234|1|19930901|allocated|77b...             no address
// SPDX-License-Identifier: MIT

#include "cached/facts/delegated.h"

#include <algorithm>
#include <array>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::printable;
using base::Result;

constexpr std::array<std::string_view, 3> types = {"ipv4", "ipv6", "asn"};
enum Type : std::size_t { ipv4, ipv6, asn };

constexpr std::size_t letters = 26;
constexpr std::uint16_t no_country = letters * letters;

// AA, AB, ... ZZ: where the views of countries point to.
constexpr auto countries = [] {
  std::array<char, 2 * no_country> all{};
  for (std::size_t i = 0; i < no_country; i++) {
    all[2 * i] = static_cast<char>('A' + i / letters);
    all[2 * i + 1] = static_cast<char>('A' + i % letters);
  }
  return all;
}();

std::optional<std::uint16_t> number_of_country(std::string_view text) {
  if (text.empty()) return no_country;
  std::size_t number = 0;
  for (const char c : text) {
    const int place = (c | 0x20) - 'a';
    if (place < 0 || place >= static_cast<int>(letters)) return std::nullopt;
    number = number * letters + static_cast<std::size_t>(place);
  }
  return text.size() == 2 ? std::optional<std::uint16_t>(number) : std::nullopt;
}

}  // namespace

class DelegatedReader {
 public:
  DelegatedReader(SeedText& text, Rir rir) : text_(text), registry_(name_of(rir)) {}

  Result<Delegated> read() {
    std::string_view line;
    while (text_.next(line)) {
      if (line.empty() || line.front() == '#') continue;
      split(line);
      const auto problem = has_version_ ? see_line() : see_version();
      if (!problem.empty()) text_.complain(problem);
      if (!has_version_) break;
    }
    if (text_.errors().empty()) compare();
    if (!text_.errors().empty()) return Error{text_.errors()};
    delegated_.ranges_.build();
    return std::move(delegated_);
  }

 private:
  struct Summary {
    std::uint64_t records = 0;
    std::uint32_t line = 0;  // 0: there is none
  };

  void split(std::string_view line) {
    for (count_ = 0; count_ < fields_.size(); count_++) {
      const auto bar = line.find('|');
      fields_[count_] = line.substr(0, bar);
      line.remove_prefix(bar == std::string_view::npos ? line.size() : bar + 1);
      if (bar == std::string_view::npos) {
        count_++;
        return;
      }
    }
  }

  std::string see_version() {
    const bool is_version = count_ >= 6 && (fields_[0] == "2" || fields_[0].starts_with("2."));
    if (!is_version) return "does not begin as a delegated file of version 2 does";
    if (fields_[1] != registry_)
      return cat("is of ", printable(fields_[1]), " and not of ", registry_);
    has_version_ = true;
    return "";
  }

  std::string see_line() {
    if (count_ < 6) return "has fewer than 6 fields";
    if (fields_[0] != registry_) return cat(printable(fields_[0]), " is not ", registry_);
    const auto named = std::find(types.begin(), types.end(), fields_[2]);
    if (named == types.end()) return cat(printable(fields_[2]), " is not ipv4, ipv6 or asn");
    const auto type = static_cast<Type>(named - types.begin());
    if (fields_[5] != "summary") return see_record(type);
    const auto records = base::parse_number<std::uint64_t>(fields_[4]);
    if (!records) return cat(printable(fields_[4]), " is no number of records");
    summaries_[type] = {*records, text_.line()};
    return "";
  }

  std::string see_record(Type type) {
    found_[type]++;
    if (count_ < 7) return "has fewer than 7 fields";
    const auto status = fields_[6];
    if (status == "available" || status == "reserved" || type == asn) return "";
    if (status != "allocated" && status != "assigned")
      return cat(printable(status), " is not allocated, assigned, available or reserved");
    const auto country = number_of_country(fields_[1]);
    if (!country) return cat(printable(fields_[1]), " is no country of two letters");
    return type == ipv4 ? add_v4(*country) : add_v6(*country);
  }

  std::string add_v4(std::uint16_t country) {
    const auto first = base::parse_address(fields_[3]);
    if (!first || !first->is_v4()) return cat(printable(fields_[3]), " is no IPv4 address");
    const auto count = base::parse_number<std::uint64_t>(fields_[4]);
    const std::uint64_t start = v4_key(*first);
    constexpr std::uint64_t all = std::uint64_t{1} << 32;
    if (!count || *count == 0 || *count > all - start)
      return cat(printable(fields_[4]), " is no number of addresses from there on");
    const auto last = static_cast<V4Key>(start + *count - 1);
    delegated_.ranges_.add_v4(static_cast<V4Key>(start), last, country);
    return "";
  }

  std::string add_v6(std::uint16_t country) {
    const auto first = base::parse_address(fields_[3]);
    if (!first || first->is_v4()) return cat(printable(fields_[3]), " is no IPv6 address");
    const auto prefix = base::parse_number<std::uint8_t>(fields_[4]);
    if (!prefix || *prefix == 0 || *prefix > 128)
      return cat(printable(fields_[4]), " is no length of a prefix");
    delegated_.ranges_.add({*first, *prefix}, country);
    return "";
  }

  // A file that was cut short has fewer records than it says.
  void compare() {
    if (found_[ipv4] + found_[ipv6] == 0) text_.complain_of_file("has no records of addresses");
    for (std::size_t i = 0; i < types.size(); i++) {
      const auto& [records, line] = summaries_[i];
      if (line == 0 && found_[i] > 0)
        text_.complain_of_file(cat("has no summary of its records of ", types[i]));
      else if (records != found_[i])
        text_.complain(line, cat("says ", records, " records of ", types[i], ", and there are ",
                                 found_[i], ": the file was cut short"));
    }
  }

  SeedText& text_;
  const std::string_view registry_;
  Delegated delegated_;
  bool has_version_ = false;
  std::array<std::string_view, 8> fields_;  // of the line at hand
  std::size_t count_ = 0;                   // of fields
  std::array<Summary, types.size()> summaries_;
  std::array<std::uint64_t, types.size()> found_{};  // records
};

Result<Delegated> Delegated::read(SeedText& text, Rir rir) {
  return DelegatedReader(text, rir).read();
}

std::optional<std::string_view> Delegated::country_of(const base::Address& address) const {
  const auto number = ranges_.find(address);
  if (!number) return std::nullopt;
  return *number == no_country ? std::string_view()
                               : std::string_view(countries.data() + std::size_t{2} * *number, 2);
}

}  // namespace facts
