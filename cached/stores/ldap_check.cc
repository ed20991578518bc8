// See ldap.h. What can be wrong with the options before any server has been asked.
// SPDX-License-Identifier: MIT

#include "cached/base/expand.h"
#include "cached/base/text.h"
#include "cached/stores/ldap.h"

// Exported by libldap, but in none of its headers: what ldap_search_ext() reads a filter with.
extern "C" int ldap_pvt_put_filter(BerElement* out, const char* filter);

namespace stores {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Status;

struct FreeBer {
  void operator()(BerElement* ber) const { ber_free(ber, 1); }
};

// Each returns what is wrong; empty: nothing.

std::string problem_of_uri(const std::string& uri) {
  const bool known =
      uri.starts_with("ldap://") || uri.starts_with("ldaps://") || uri.starts_with("ldapi://");
  LDAPURLDesc* parsed = nullptr;
  if (!known || ldap_url_parse(uri.c_str(), &parsed) != LDAP_URL_SUCCESS)
    return cat("<", base::printable(uri), "> is not ldap://HOST, ldaps://HOST or ldapi://PATH");
  const bool more = (parsed->lud_dn && *parsed->lud_dn) || uri.find('?') != std::string::npos;
  ldap_free_urldesc(parsed);
  return more ? cat("<", base::printable(uri), "> has more than a server in it") : "";
}

std::string problem_of_filter(const std::string& filter) {
  const std::string made = base::expand(filter, "a@b", escape_filter);
  if (made == base::expand(filter, "c@d", escape_filter))
    return "without %u, %n or %d it matches the same account for everybody";
  const std::unique_ptr<BerElement, FreeBer> ber(ber_alloc_t(LBER_USE_DER));
  if (!ber || ldap_pvt_put_filter(ber.get(), made.c_str()) == -1)
    return "is not a filter (RFC 4515)";
  return "";
}

std::string problem_of_base(const std::string& dn) {
  if (dn.find('%') != std::string::npos) return "has a %, but is the same for everybody";
  LDAPDN parsed = nullptr;
  if (ldap_str2dn(dn.c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
    return "is not a distinguished name (RFC 4514)";
  ldap_dnfree(parsed);
  return "";
}

std::string problem_of_field(const std::string& word) {
  const auto field = parse_field(word);
  return field ? "" : field.error().text;
}

}  // namespace

Status check_ldap(const LdapOptions& options) {
  if (options.uri.empty()) return Done{};
  std::string problems;
  const auto add = [&](std::string_view option, const std::string& problem) {
    if (!problem.empty()) problems += cat(problems.empty() ? "" : "\n", option, ": ", problem);
  };
  for (const std::string& uri : options.uri) add("uri", problem_of_uri(uri));
  // With a name and no password, a server binds nobody, and says that it succeeded (RFC
  // 4513, 5.1.2).
  if (!options.bind_dn.empty() && options.bind_password.empty())
    add("bind_password", "is empty, but there is a bind_dn");
  add("base", problem_of_base(options.base));
  add("filter", problem_of_filter(options.filter));
  for (const std::string& word : options.fields) add("fields", problem_of_field(word));
  if (problems.empty()) return Done{};
  return Error{problems};
}

}  // namespace stores
