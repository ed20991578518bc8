// See primitives.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/primitives.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>

#include <memory>

namespace auth::hash {
namespace {

using base::Done;
using base::Error;
using base::Status;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }  // wipes it
};

// Loaded by whoever is first, and never freed: a thread of a lane may use it until the program
// ends.
struct Legacy {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  OSSL_PROVIDER* provider = context ? OSSL_PROVIDER_load(context, "legacy") : nullptr;
  const EVP_MD* md4 = provider ? EVP_MD_fetch(context, "MD4", nullptr) : nullptr;
  const EVP_CIPHER* des = provider ? EVP_CIPHER_fetch(context, "DES-ECB", nullptr) : nullptr;
};

const Legacy& legacy() {
  static const Legacy loaded;
  return loaded;
}

}  // namespace

const Error no_legacy{"MD4 and DES are not there: OpenSSL's legacy provider cannot be loaded"};

const EVP_MD* md4() { return legacy().md4; }
const EVP_CIPHER* des_ecb() { return legacy().des; }

Status digest(const EVP_MD* kind, std::initializer_list<std::string_view> pieces, Digest& out) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool good = context && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1;
  for (const auto piece : pieces)
    good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  unsigned size = 0;
  good = good && EVP_DigestFinal_ex(context.get(), bytes(out.data), &size) == 1;
  if (!good) return Error{"a digest could not be computed"};
  out.size = size;
  return Done{};
}

Status hmac(const EVP_MD* kind, std::string_view key, std::string_view text, Digest& out) {
  unsigned size = 0;
  if (!HMAC(kind, key.data(), static_cast<int>(key.size()), bytes(text), text.size(),
            bytes(out.data), &size))
    return Error{"an HMAC could not be computed"};
  out.size = size;
  return Done{};
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace auth::hash
