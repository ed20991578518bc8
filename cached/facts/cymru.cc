// See cymru.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/cymru.h"

#include <algorithm>

#include "cached/base/text.h"
#include "cached/clients/dns.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::Result;

// The n-th field between |, without the blanks and quotes around it.
std::string_view field(std::string_view record, int n) {
  auto text = base::trim(base::part(record, '|', n).value_or(""));
  while (text.starts_with('"')) text = base::trim(text.substr(1));
  while (text.ends_with('"')) text = base::trim(text.substr(0, text.size() - 1));
  return text;
}

bool is_registry(std::string_view word) {
  constexpr std::string_view known[] = {"arin", "ripencc", "apnic", "lacnic", "afrinic"};
  return std::find(std::begin(known), std::end(known), word) != std::end(known);
}

Result<Origin> parse_one(std::string_view record) {
  Origin origin;
  for (const auto word : base::split_words(field(record, 0))) {
    const auto number = base::parse_number<std::uint32_t>(word);
    if (!number) return Error{cat(base::printable(word), " is no AS number")};
    origin.as_numbers.push_back(*number);
  }
  const auto prefix = base::parse_network(field(record, 1));
  if (origin.as_numbers.empty() || origin.as_numbers.size() > most_as_numbers || !prefix)
    return Error{"is no origin"};
  origin.prefix = *prefix;
  origin.country = base::upper(field(record, 2));
  origin.registry = field(record, 3);
  if (!is_registry(origin.registry))
    return Error{cat(base::printable(origin.registry), " is no registry")};
  return origin;
}

// In the text form of a TXT record (RFC 1035, 5.1), which the predecessors' library gave them.
bool is_plain(char c) { return c >= ' ' && c <= '~'; }
bool is_quoted(char c) { return c == '"' || c == '\\'; }

}  // namespace

std::string origin_name(const base::Address& address) {
  std::string labels = clients::reversed_labels(address);
  if (address.is_v4()) return labels + ".origin.asn.cymru.com";
  constexpr std::string_view group = "0.0.0.0.";
  while (labels.starts_with(group)) labels.erase(0, group.size());
  return labels + ".origin6.asn.cymru.com";
}

Result<Origin> parse_origin(const std::vector<std::string>& records) {
  std::optional<Origin> longest;
  for (const std::string& record : records) {
    const auto origin = parse_one(record);
    if (!origin) return origin.error();
    if (!longest || origin->prefix.prefix > longest->prefix.prefix) longest = *origin;
  }
  if (!longest) return Error{"no record"};
  return std::move(*longest);
}

std::string as_name_of(std::uint32_t number) { return cat("AS", number, ".asn.cymru.com"); }

Result<std::string> parse_as_name(const std::vector<std::string>& records) {
  constexpr int name_field = 4;
  if (records.empty()) return Error{"no record"};
  const auto name = field(records.front(), name_field);
  if (name.empty() || name.size() > longest_as_name) return Error{"has no name"};
  return std::string(name);
}

bool is_plain_as_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return is_plain(c) && !is_quoted(c); });
}

std::string escaped_as_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_quoted(c)) out += '\\';
    if (is_plain(c)) {
      out += c;
    } else {
      const std::string digits = std::to_string(static_cast<unsigned char>(c));
      out += cat("\\", std::string(3 - digits.size(), '0'), digits);
    }
  }
  return out;
}

}  // namespace facts
