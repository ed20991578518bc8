// Password schemes that are made of plain digests, as Dovecot and LDAP servers write them.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "cached/auth/verification.h"
#include "cached/base/result.h"
#include "cached/base/secret.h"

namespace auth::hash {

// Base64 of digest(password + salt) + salt; the salt may be empty.
base::Result<Verification> verify_md5(const std::string& stored, const base::Secret& password);
base::Result<Verification> verify_sha1(const std::string& stored, const base::Secret& password);
base::Result<Verification> verify_sha256(const std::string& stored, const base::Secret& password);
base::Result<Verification> verify_sha512(const std::string& stored, const base::Secret& password);

// $1$SALT$ROUNDS$HEX: PBKDF2 (RFC 8018) with HMAC-SHA1 and 20 bytes.
base::Result<Verification> verify_pbkdf2(const std::string& stored, const base::Secret& password);

// The password itself.
base::Result<Verification> verify_plain(const std::string& stored, const base::Secret& password);

// Compares all of it, whatever differs.
bool same(std::string_view a, std::string_view b);

}  // namespace auth::hash
