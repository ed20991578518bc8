// What password schemes are made of, from OpenSSL: digests, also the old ones, in one call each.
// SPDX-License-Identifier: MIT

#pragma once

#include <openssl/types.h>

#include <initializer_list>
#include <string_view>

#include "cached/base/result.h"
#include "common/wipe.h"

namespace auth::hash {

constexpr std::size_t max_digest_bytes = 64;

// A digest of a password is as good as the password where the scheme has no salt: it is wiped.
struct Digest : common::Wiped<max_digest_bytes> {
  std::size_t size = 0;
  std::string_view view() const { return {data, size}; }
};

// The digest of the pieces, one after the other. An error is a failure of ours.
base::Status digest(const EVP_MD* kind, std::initializer_list<std::string_view> pieces,
                    Digest& out);

// HMAC (RFC 2104).
base::Status hmac(const EVP_MD* kind, std::string_view key, std::string_view text, Digest& out);

// MD4 and DES are in OpenSSL's legacy provider, which is loaded for this alone: nothing else in the
// program gets weak algorithms from it. Null when it is not installed; `no_legacy` says so.
const EVP_MD* md4();
const EVP_CIPHER* des_ecb();
extern const base::Error no_legacy;

// Compares all of it, whatever differs.
bool same(std::string_view a, std::string_view b);

inline const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes(char* data) { return reinterpret_cast<unsigned char*>(data); }

}  // namespace auth::hash
