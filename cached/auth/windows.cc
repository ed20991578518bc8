// See windows.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/windows.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "cached/auth/primitives.h"

namespace auth::hash {
namespace {

using base::Error;
using base::Secret;
using base::Status;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes it
};

// Longer than any that comes over the wire.
constexpr std::size_t max_password = 4096;

Verified verify_wide(const EVP_MD* kind, bool big_endian, const Trial& trial) {
  if (!kind) return no_legacy;
  const auto text = trial.password.reveal();
  if (text.size() > max_password) return usable(false);
  common::Wiped<2 * max_password> wide;
  for (std::size_t i = 0; i < text.size(); i++) {
    wide.data[2 * i] = big_endian ? '\0' : text[i];
    wide.data[2 * i + 1] = big_endian ? text[i] : '\0';
  }
  Digest made;
  const Status status = digest(kind, {{wide.data, 2 * text.size()}}, made);
  if (!status) return status.error();
  return usable(same(made.view(), trial.stored));
}

// 7 bytes of 8 bits become 8 of 7 bits, with room for a parity bit, which DES does not look at.
void spread(const char* from, unsigned char* key) {
  const auto byte = [&](int i) { return static_cast<unsigned char>(from[i]); };
  key[0] = byte(0) & 0xfe;
  for (int i = 1; i < 7; i++)
    key[i] = static_cast<unsigned char>((byte(i - 1) << (8 - i) | byte(i) >> i) & 0xfe);
  key[7] = static_cast<unsigned char>(byte(6) << 1);
}

bool encrypt_magic(const char* half, char* out) {
  constexpr unsigned char magic[] = {'K', 'G', 'S', '!', '@', '#', '$', '%'};
  common::Wiped<sizeof magic> key;
  spread(half, bytes(key.data));
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  int size = 0;
  return context &&
         EVP_EncryptInit_ex2(context.get(), des_ecb(), bytes(key.data), nullptr, nullptr) == 1 &&
         EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
         EVP_EncryptUpdate(context.get(), bytes(out), &size, magic, sizeof magic) == 1 &&
         size == sizeof magic;
}

}  // namespace

Verified verify_ntlm(const Trial& trial) { return verify_wide(md4(), false, trial); }
Verified verify_rpa(const Trial& trial) { return verify_wide(EVP_md5(), true, trial); }

Verified verify_lanman(const Trial& trial) {
  constexpr std::size_t half = 7, hash_bytes = 16;
  if (!des_ecb()) return no_legacy;
  const auto text = trial.password.reveal().substr(0, 2 * half);
  common::Wiped<2 * half> folded;
  std::fill_n(folded.data, 2 * half, '\0');
  for (std::size_t i = 0; i < text.size(); i++)
    folded.data[i] =
        text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
  Digest made;
  made.size = hash_bytes;
  if (!encrypt_magic(folded.data, made.data) ||
      !encrypt_magic(folded.data + half, made.data + hash_bytes / 2))
    return Error{"DES could not be computed"};
  return usable(same(made.view(), trial.stored));
}

}  // namespace auth::hash
