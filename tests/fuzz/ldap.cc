// Fuzz target: a user name in a filter, and templates and values of fields. Whatever the name is,
// the filter compares one attribute with it for equality (RFC 4511, 4.5.1.7.1).
// SPDX-License-Identifier: MIT

#include "cached/stores/ldap.h"

#include <cstdint>

#include "cached/base/expand.h"

extern "C" int ldap_pvt_put_filter(BerElement* out, const char* filter);

namespace {

void check_filter(std::string_view user) {
  const std::string filter = base::expand("(uid=%u)", user, stores::escape_filter);
  BerElement* const ber = ber_alloc_t(LBER_USE_DER);
  base::check(ldap_pvt_put_filter(ber, filter.c_str()) == 0, "a filter that is none");
  berval* encoded = nullptr;
  base::check(ber_flatten(ber, &encoded) == 0, "ber_flatten");
  const std::string_view bytes(encoded->bv_val, encoded->bv_len);
  base::check(bytes.front() == '\xa3' && bytes.ends_with(user), "a filter with another meaning");
  ber_bvfree(encoded);
  ber_free(ber, 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_filter(text);
  const auto field = stores::parse_field(text);
  if (!field) return 0;
  const auto first_value = [&](const std::string&) { return std::optional(std::string(text)); };
  static_cast<void>(stores::fill(*field, first_value));
  return 0;
}
