// Password schemes that are made of plain digests, as Dovecot and LDAP servers write them, and
// passwords that are not hashed.
// SPDX-License-Identifier: MIT

#pragma once

#include <openssl/evp.h>

#include "cached/auth/primitives.h"
#include "cached/auth/verification.h"

namespace auth::hash {

// The digest of the password, and nothing else. `kind` is null when OpenSSL does not have it.
Verified verify_bare(const EVP_MD* kind, const Trial& trial);

// digest(password + salt) + salt
Verified verify_salted(const EVP_MD* kind, const Trial& trial);

template <auto kind>
Verified verify_digest(const Trial& trial) {
  return verify_bare(kind(), trial);
}

template <auto kind>
Verified verify_salted_digest(const Trial& trial) {
  return verify_salted(kind(), trial);
}

// $1$SALT$ROUNDS$HEX: PBKDF2 (RFC 8018) with HMAC-SHA1 and 20 bytes.
Verified verify_pbkdf2(const Trial& trial);

// The password itself.
Verified verify_plain(const Trial& trial);

// LENGTH-PASSWORD: when the password has just that length, it is the beginning of a longer one.
Verified verify_plain_trunc(const Trial& trial);

}  // namespace auth::hash
