// See dns_answer.h. The C library's parser walks the message; nothing here looks at its bytes but
// at the data of a record, and at no more of them than the record has.
// SPDX-License-Identifier: MIT

#include "cached/clients/dns_answer.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <algorithm>
#include <optional>
#include <string_view>

#include "cached/base/text.h"

namespace clients {
namespace {

using std::chrono::seconds;
using Outcome = DnsAnswer::Outcome;

constexpr std::size_t most_values = 256;
constexpr int longest_chain = 16;  // of CNAMEs

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// RFC 2181, 8: what has its topmost bit set is 0.
seconds lifetime(const ns_rr& record) {
  const std::uint32_t ttl = ns_rr_ttl(record);
  return seconds(ttl > INT32_MAX ? 0 : ttl);
}

std::optional<std::string> name_in(const ns_msg& message, const ns_rr& record) {
  char name[NS_MAXDNAME];
  if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record), name,
                         sizeof name) < 0)
    return std::nullopt;
  return std::string(without_dot(name));
}

std::optional<std::string> address_in(const ns_rr& record, int family, std::size_t size) {
  char text[INET6_ADDRSTRLEN];
  if (ns_rr_rdlen(record) != size) return std::nullopt;
  return inet_ntop(family, ns_rr_rdata(record), text, sizeof text);
}

// Its strings, each of which has its length in front, joined.
std::optional<std::string> text_in(const ns_rr& record) {
  std::string_view data(reinterpret_cast<const char*>(ns_rr_rdata(record)), ns_rr_rdlen(record));
  std::string text;
  while (!data.empty()) {
    const auto size = static_cast<unsigned char>(data.front());
    data.remove_prefix(1);
    if (size > data.size()) return std::nullopt;
    text += data.substr(0, size);
    data.remove_prefix(size);
  }
  return text;
}

std::optional<std::string> value_of(const ns_msg& message, const ns_rr& record) {
  switch (ns_rr_type(record)) {
    case ns_t_a:
      return address_in(record, AF_INET, NS_INADDRSZ);
    case ns_t_aaaa:
      return address_in(record, AF_INET6, NS_IN6ADDRSZ);
    case ns_t_txt:
      return text_in(record);
    default:
      return name_in(message, record);
  }
}

struct Record {
  std::string owner;
  bool is_alias;  // CNAME
  std::string value;
  seconds ttl;
};

// The records of that type and the CNAMEs, with the first error instead: nullopt.
std::optional<std::vector<Record>> records_of(ns_msg& message, int type) {
  std::vector<Record> records;
  for (int i = 0; i < ns_msg_count(message, ns_s_an) && records.size() < most_values; i++) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) return std::nullopt;
    const bool is_alias = ns_rr_type(record) == ns_t_cname;
    if (ns_rr_class(record) != ns_c_in || (!is_alias && ns_rr_type(record) != type)) continue;
    auto value = value_of(message, record);
    if (!value) return std::nullopt;
    records.push_back({std::string(without_dot(ns_rr_name(record))), is_alias, std::move(*value),
                       lifetime(record)});
  }
  return records;
}

// How long it may be taken for granted that there is nothing.
seconds negative_lifetime(ns_msg& message) {
  for (int i = 0; i < ns_msg_count(message, ns_s_ns); i++) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_ns, i, &record) != 0) break;
    if (ns_rr_type(record) != ns_t_soa || ns_rr_rdlen(record) < NS_INT32SZ) continue;
    const std::uint32_t minimum =
        ns_get32(ns_rr_rdata(record) + ns_rr_rdlen(record) - NS_INT32SZ);  // its last field
    return std::min(lifetime(record), seconds(minimum));
  }
  return seconds(0);
}

DnsAnswer failed(std::string problem) { return {Outcome::failed, {}, {}, std::move(problem)}; }

}  // namespace

DnsAnswer parse_dns_answer(std::span<const unsigned char> bytes, int type) {
  ns_msg message;
  ns_rr question;
  if (ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &message) != 0 ||
      ns_parserr(&message, ns_s_qd, 0, &question) != 0)
    return failed("the answer is malformed");
  const auto code = ns_msg_getflag(message, ns_f_rcode);
  if (code != ns_r_noerror && code != ns_r_nxdomain)
    return failed(base::cat("the answer has code ", static_cast<int>(code)));
  const auto records = records_of(message, type);
  if (!records) return failed("the answer is malformed");

  DnsAnswer answer{Outcome::nothing, {}, seconds::max(), {}};
  std::string name(without_dot(ns_rr_name(question)));
  for (int i = 0; i < longest_chain && answer.values.empty(); i++) {
    const auto is_of_name = [&](const Record& r) {
      return base::equals_ignoring_case(r.owner, name);
    };
    const Record* alias = nullptr;
    for (const Record& record : *records) {
      if (!is_of_name(record)) continue;
      answer.ttl = std::min(answer.ttl, record.ttl);
      record.is_alias ? void(alias = &record) : answer.values.push_back(record.value);
    }
    if (!alias) break;
    name = alias->value;
  }
  if (answer.values.empty())
    answer.ttl = negative_lifetime(message);
  else
    answer.outcome = Outcome::found;
  return answer;
}

}  // namespace clients
