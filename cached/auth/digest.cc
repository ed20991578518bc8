// See digest.h. The digests are OpenSSL's.
// SPDX-License-Identifier: MIT

#include "cached/auth/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "cached/base/text.h"

namespace auth::hash {
namespace {

using base::Error;
using base::Result;
using base::Secret;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// RFC 4648, section 4; empty for what is none.
std::string decode_base64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  std::string out(text.size() / 4 * 3, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const int size = EVP_DecodeBlock(to, bytes(text), static_cast<int>(text.size()));
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (size < 0) return {};
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

std::string to_hex(std::string_view binary) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : binary) {
    const auto byte = static_cast<unsigned char>(c);
    out += {digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

Result<Verification> verify_digest(const EVP_MD* kind, const std::string& stored,
                                   const Secret& password) {
  const std::string decoded = decode_base64(stored);
  const auto size = static_cast<std::size_t>(EVP_MD_get_size(kind));
  if (decoded.size() < size) return unusable(damaged);
  const auto salt = std::string_view(decoded).substr(size);
  const auto text = password.reveal();
  unsigned char digest[EVP_MAX_MD_SIZE];
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestInit_ex(context.get(), kind, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestUpdate(context.get(), salt.data(), salt.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest, nullptr) != 1)
    return Error{"the digest could not be computed"};
  return usable(CRYPTO_memcmp(digest, decoded.data(), size) == 0);
}

}  // namespace

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<Verification> verify_md5(const std::string& stored, const Secret& password) {
  return verify_digest(EVP_md5(), stored, password);
}

Result<Verification> verify_sha1(const std::string& stored, const Secret& password) {
  return verify_digest(EVP_sha1(), stored, password);
}

Result<Verification> verify_sha256(const std::string& stored, const Secret& password) {
  return verify_digest(EVP_sha256(), stored, password);
}

Result<Verification> verify_sha512(const std::string& stored, const Secret& password) {
  return verify_digest(EVP_sha512(), stored, password);
}

Result<Verification> verify_pbkdf2(const std::string& stored, const Secret& password) {
  const auto salt = base::part(stored, '$', 2);
  const auto rounds_text = base::part(stored, '$', 3);
  const auto hash = base::part(stored, '$', 4);
  const int rounds = base::parse_number<int>(rounds_text.value_or("")).value_or(0);
  std::string made(20, '\0');
  if (!hash || hash->size() != 2 * made.size() || rounds < 1) return unusable(damaged);
  const auto text = password.reveal();
  if (PKCS5_PBKDF2_HMAC_SHA1(text.data(), static_cast<int>(text.size()), bytes(*salt),
                             static_cast<int>(salt->size()), rounds, static_cast<int>(made.size()),
                             reinterpret_cast<unsigned char*>(made.data())) != 1)
    return Error{"PBKDF2 could not be computed"};
  return usable(same(to_hex(made), *hash));
}

Result<Verification> verify_plain(const std::string& stored, const Secret& password) {
  return usable(same(stored, password.reveal()));
}

}  // namespace auth::hash
