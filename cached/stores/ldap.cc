// See ldap.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/ldap.h"

#include <sys/time.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cached/base/expand.h"
#include "cached/base/text.h"

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::printable;
using base::Result;
using base::Status;

constexpr char home_attribute[] = "homeDirectory";
constexpr char shell_attribute[] = "loginShell";

// Of two matches the second is already one too many, whatever else there is.
constexpr int most_entries = 2;

// Debian's bundle; libldap with GnuTLS trusts nobody without a file.
constexpr char system_authorities[] = "/etc/ssl/certs/ca-certificates.crt";

// What another connection or server may answer.
constexpr int stale_codes[] = {
    LDAP_SERVER_DOWN,          LDAP_TIMEOUT,     LDAP_CONNECT_ERROR,
    LDAP_LOCAL_ERROR,          LDAP_NO_MEMORY,   LDAP_ENCODING_ERROR,
    LDAP_DECODING_ERROR,       LDAP_UNAVAILABLE, LDAP_BUSY,
    LDAP_UNWILLING_TO_PERFORM, LDAP_OTHER,
};

// libldap reads ldap.conf(5), ~/.ldaprc, ./ldaprc and LDAP* from the environment at its first use,
// unless this is set (ldap.conf(5)). Before main(), when there are no other threads yet.
[[maybe_unused]] const int no_other_configuration = setenv("LDAPNOINIT", "1", 1);

timeval timeval_of(std::chrono::milliseconds time) {
  return {time.count() / 1000, time.count() % 1000 * 1000};
}

int scope_of(const LdapOptions& options) {
  if (options.scope == "base") return LDAP_SCOPE_BASE;
  return options.scope == "one" ? LDAP_SCOPE_ONELEVEL : LDAP_SCOPE_SUBTREE;
}

bool has_any_of(const std::vector<std::string>& values, const std::vector<std::string>& wanted) {
  return std::find_first_of(values.begin(), values.end(), wanted.begin(), wanted.end()) !=
         values.end();
}

}  // namespace

std::string escape_filter(std::string_view value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && std::string_view("()*\\").find(c) == std::string_view::npos)
      out += c;
    else
      out += {'\\', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

LdapConnection::LdapConnection(const LdapOptions& options, const std::string& uri)
    : options_(options), uri_(uri), attributes_{home_attribute, shell_attribute} {
  for (const std::string& word : options.fields) {
    auto field = parse_field(word);
    if (!field) continue;  // check_ldap has refused it
    for (const Field::Piece& piece : field->pieces)
      if (piece.is_attribute) attributes_.push_back(piece.text);
    fields_.push_back(std::move(*field));
  }
  std::sort(attributes_.begin(), attributes_.end());
  attributes_.erase(std::unique(attributes_.begin(), attributes_.end()), attributes_.end());
}

// Unbinding waits for nothing: what cannot be sent at once is not.
LdapConnection::~LdapConnection() { deadline_.start({}); }

Result<std::unique_ptr<LdapConnection>> LdapConnection::open(const LdapOptions& options,
                                                             std::size_t host) {
  std::unique_ptr<LdapConnection> connection(new LdapConnection(options, options.uri.at(host)));
  Status status = connection->connect();
  if (status) status = connection->start_tls();
  if (status) status = connection->check_tls();
  if (status) status = connection->bind();
  if (!status) return status.error();
  return connection;
}

Status LdapConnection::connect() {
  LDAP* made = nullptr;
  const int code = ldap_initialize(&made, uri_.c_str());
  handle_.reset(made);
  if (code != LDAP_SUCCESS) return failure(code, "not a server");
  deadline_.start(options_.connect_time);
  const Status set = set_options();
  if (!set) return set.error();
  const int connected = ldap_connect(handle_.get());
  if (connected != LDAP_SUCCESS) return failure(connected, "cannot connect", diagnostic());
  return Done{};
}

Status LdapConnection::set_options() {
  const int version = LDAP_VERSION3;
  const timeval network = timeval_of(options_.connect_time);
  const int quiet_seconds = 60;  // until the kernel looks whether an idle connection still is one
  const std::pair<int, const void*> rows[] = {
      {LDAP_OPT_PROTOCOL_VERSION, &version},
      {LDAP_OPT_REFERRALS, LDAP_OPT_OFF},
      {LDAP_OPT_RESTART, LDAP_OPT_ON},
      {LDAP_OPT_NETWORK_TIMEOUT, &network},
      {LDAP_OPT_TIMEOUT, &network},  // for StartTLS; bind and search bring their own
      {LDAP_OPT_X_KEEPALIVE_IDLE, &quiet_seconds},
  };
  for (const auto& [option, value] : rows)
    if (ldap_set_option(handle_.get(), option, value) != LDAP_OPT_SUCCESS)
      return failure(LDAP_LOCAL_ERROR, cat("cannot set option ", option));
  if (!deadline_.attach(handle_.get())) return failure(LDAP_NO_MEMORY, "cannot set a deadline");
  return set_up_tls();
}

bool LdapConnection::wants_tls() const {
  return uri_.starts_with("ldaps://") ||
         (uri_.starts_with("ldap://") && options_.start_tls == "yes");
}

Status LdapConnection::set_up_tls() {
  if (!wants_tls()) return Done{};
  const std::string authorities = options_.tls_ca.empty() ? system_authorities : options_.tls_ca;
  if (access(authorities.c_str(), R_OK) != 0)
    return Error{
        cat("directory ", uri_, ": cannot read ", authorities, ": ", std::strerror(errno))};
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int client = 0;
  const std::pair<int, const void*> rows[] = {
      {LDAP_OPT_X_TLS_REQUIRE_CERT, &demand},
      {LDAP_OPT_X_TLS_CACERTFILE, authorities.c_str()},
      {LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest},
      {LDAP_OPT_X_TLS_NEWCTX, &client},  // makes the others take effect
  };
  for (const auto& [option, value] : rows)
    if (ldap_set_option(handle_.get(), option, value) != LDAP_OPT_SUCCESS)
      return failure(LDAP_LOCAL_ERROR, cat("cannot set up TLS with ", authorities));
  return Done{};
}

Status LdapConnection::start_tls() {
  if (!wants_tls() || uri_.starts_with("ldaps://")) return Done{};
  deadline_.start(options_.connect_time);
  const int code = ldap_start_tls_s(handle_.get(), nullptr, nullptr);
  if (code != LDAP_SUCCESS) return failure(code, "cannot start TLS", diagnostic());
  return Done{};
}

// That nothing is sent but over TLS 1.2 or later: with GnuTLS, libldap does not look at
// LDAP_OPT_X_TLS_PROTOCOL_MIN.
Status LdapConnection::check_tls() {
  if (!wants_tls()) return Done{};
  char* got = nullptr;
  ldap_get_option(handle_.get(), LDAP_OPT_X_TLS_VERSION, &got);
  const std::string version = got ? got : "no TLS";
  ldap_memfree(got);
  if (version.ends_with("1.2") || version.ends_with("1.3")) return Done{};
  return failure(LDAP_CONNECT_ERROR, cat("the connection has ", version, ", not TLS 1.2 or later"));
}

// Without a name nothing is sent: whoever has not bound is anonymous (RFC 4511, 4.2).
Status LdapConnection::bind() {
  if (options_.bind_dn.empty()) return Done{};
  const std::string what = cat("cannot bind as <", printable(options_.bind_dn), ">");
  const std::string_view password = (*options_.bind_password).reveal();
  berval credentials{password.size(), const_cast<char*>(password.data())};
  deadline_.start(options_.query_time);
  int id = 0;
  const int code = ldap_sasl_bind(handle_.get(), options_.bind_dn.c_str(), LDAP_SASL_SIMPLE,
                                  &credentials, nullptr, nullptr, &id);
  if (code != LDAP_SUCCESS) return failure(code, what);
  const auto answer = answer_to(id, what);
  if (!answer) return answer.error();
  return Done{};
}

Result<std::optional<Account>> LdapConnection::find(std::string_view user) {
  const std::string who =
      cat("user <", printable(user), "> below <", printable(options_.base), ">");
  const std::string filter = base::expand(options_.filter, user, escape_filter);
  std::vector<char*> attributes;
  for (std::string& attribute : attributes_) attributes.push_back(attribute.data());
  attributes.push_back(nullptr);
  timeval time = timeval_of(options_.query_time);
  deadline_.start(options_.query_time);
  int id = 0;
  const int code =
      ldap_search_ext(handle_.get(), options_.base.c_str(), scope_of(options_), filter.c_str(),
                      attributes.data(), 0, nullptr, nullptr, &time, most_entries, &id);
  if (code != LDAP_SUCCESS) return failure(code, who);
  const auto answer = answer_to(id, who);
  if (!answer) return answer.error();
  const int count = ldap_count_entries(handle_.get(), answer->get());
  if (count > 1) return failure(LDAP_SIZELIMIT_EXCEEDED, who);
  if (count == 0) return std::optional<Account>();
  return std::optional(account_of(ldap_first_entry(handle_.get(), answer->get())));
}

// All messages of the answer; an error when the last one is not a success.
Result<LdapConnection::Message> LdapConnection::answer_to(int id, const std::string& what) {
  timeval time = timeval_of(options_.query_time);
  LDAPMessage* got = nullptr;
  const int kind = ldap_result(handle_.get(), id, LDAP_MSG_ALL, &time, &got);
  Message answer(got);
  if (kind == 0) return failure(LDAP_TIMEOUT, what);
  int code = LDAP_LOCAL_ERROR;
  if (kind < 0) {
    ldap_get_option(handle_.get(), LDAP_OPT_RESULT_CODE, &code);
    return failure(code, what);
  }
  char* detail = nullptr;
  const int parsed =
      ldap_parse_result(handle_.get(), answer.get(), &code, nullptr, &detail, nullptr, nullptr, 0);
  const std::string said = detail ? detail : "";
  ldap_memfree(detail);
  if (parsed != LDAP_SUCCESS) return failure(parsed, what);
  if (code != LDAP_SUCCESS) return failure(code, what, said);
  return answer;
}

Error LdapConnection::failure(int code, const std::string& what, std::string_view detail) {
  stale_ = std::find(std::begin(stale_codes), std::end(stale_codes), code) != std::end(stale_codes);
  const std::string where = cat("directory ", uri_, ": ", what, ": ");
  if (code == LDAP_TIMEOUT || (stale_ && deadline_.has_passed()))
    return Error{cat(where, "no answer in time")};
  if (code == LDAP_SIZELIMIT_EXCEEDED) return Error{cat(where, "more than one account matches")};
  return Error{cat(where, ldap_err2string(code), detail.empty() ? "" : ": ", printable(detail))};
}

std::string LdapConnection::diagnostic() const {
  char* said = nullptr;
  ldap_get_option(handle_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
  const std::string text = said ? said : "";
  ldap_memfree(said);
  // With GnuTLS that is all it says of a certificate it refuses.
  return text == "(unknown error code)" ? "its certificate is not trusted or has another name"
                                        : text;
}

std::vector<std::string> LdapConnection::values_of(LDAPMessage* entry,
                                                   const std::string& attribute) const {
  std::vector<std::string> values;
  berval** const got = ldap_get_values_len(handle_.get(), entry, attribute.c_str());
  for (int i = 0; got && got[i]; i++) values.emplace_back(got[i]->bv_val, got[i]->bv_len);
  ldap_value_free_len(got);
  return values;
}

Account LdapConnection::account_of(LDAPMessage* entry) const {
  Account account;
  if (has_any_of(values_of(entry, home_attribute), options_.disabled_homes) ||
      has_any_of(values_of(entry, shell_attribute), options_.disabled_shells))
    account.disabled = "account disabled";
  const auto first_value = [&](const std::string& attribute) -> std::optional<std::string> {
    const auto values = values_of(entry, attribute);
    if (values.empty()) return std::nullopt;
    return values.front();
  };
  for (const Field& field : fields_)
    if (auto value = fill(field, first_value)) account.fields.emplace_back(field.name, *value);
  return account;
}

}  // namespace stores
