// See challenge.h. What each one stores was found out with doveadm pw (Dovecot 2.3.19).
// SPDX-License-Identifier: MIT

#include "cached/auth/challenge.h"

#include <openssl/evp.h>
#include <openssl/md5.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "cached/auth/encoding.h"
#include "cached/auth/primitives.h"
#include "cached/base/text.h"

namespace auth::hash {
namespace {

using base::Error;
using base::Status;

Verified verify_scram(const EVP_MD* kind, const Trial& trial) {
  const auto field = [&](int n) { return base::part(trial.stored, ',', n).value_or(""); };
  const auto size = static_cast<std::size_t>(EVP_MD_get_size(kind));
  const int rounds = base::parse_number<int>(field(0)).value_or(0);
  const auto salt = from_base64(field(1));
  const auto stored_key = from_base64(field(2)), server_key = from_base64(field(3));
  if (rounds < 1 || !salt || !stored_key || !server_key || stored_key->size() != size ||
      server_key->size() != size || base::part(trial.stored, ',', 4))
    return unusable(damaged);
  const auto text = trial.password.reveal();
  Digest salted, client_key, made;
  salted.size = size;
  if (PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), bytes(*salt),
                        static_cast<int>(salt->size()), rounds, kind, static_cast<int>(size),
                        bytes(salted.data)) != 1)
    return Error{"PBKDF2 could not be computed"};
  const Status keyed = hmac(kind, salted.view(), "Client Key", client_key);
  if (!keyed) return keyed.error();
  const Status digested = digest(kind, {client_key.view()}, made);
  if (!digested) return digested.error();
  return usable(same(made.view(), *stored_key));
}

// The state of MD5 after one block, which is only in the old calls of OpenSSL: the new ones (EVP)
// give no digest out before it is padded. Hence the warning is off for this function alone.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
bool md5_state_after(const unsigned char* block, char* out) {
  MD5_CTX context;
  const bool good = MD5_Init(&context) == 1 && MD5_Update(&context, block, MD5_CBLOCK) == 1;
  for (const MD5_LONG word : {context.A, context.B, context.C, context.D})
    for (int shift = 0; shift < 32; shift += 8) *out++ = static_cast<char>(word >> shift);
  explicit_bzero(&context, sizeof context);
  return good;
}
#pragma GCC diagnostic pop

struct OtpKind {
  std::string_view name;
  const EVP_MD* (*digest)();
  bool big_endian;
};

constexpr OtpKind otp_kinds[] = {
    {"md4", md4, false}, {"md5", EVP_md5, false}, {"sha1", EVP_sha1, true}};

// Folds a digest to 8 bytes; what SHA-1 counts in big-endian words is turned round (RFC 2289,
// appendix A).
void fold(Digest& made, bool big_endian) {
  constexpr std::size_t folded_bytes = 8, word_bytes = 4;
  for (std::size_t i = folded_bytes; i < made.size; i++)
    made.data[i % folded_bytes] = static_cast<char>(made.data[i % folded_bytes] ^ made.data[i]);
  made.size = folded_bytes;
  for (std::size_t word = 0; big_endian && word < folded_bytes; word += word_bytes)
    std::reverse(made.data + word, made.data + word + word_bytes);
}

}  // namespace

Verified verify_scram_sha1(const Trial& trial) { return verify_scram(EVP_sha1(), trial); }
Verified verify_scram_sha256(const Trial& trial) { return verify_scram(EVP_sha256(), trial); }

Verified verify_cram_md5(const Trial& trial) {
  constexpr unsigned char outer_pad = 0x5c, inner_pad = 0x36;
  auto key = trial.password.reveal();
  Digest shorter, made;
  if (key.size() > MD5_CBLOCK) {
    const Status status = digest(EVP_md5(), {key}, shorter);
    if (!status) return status.error();
    key = shorter.view();
  }
  for (const unsigned char pad : {outer_pad, inner_pad}) {
    common::Wiped<MD5_CBLOCK> block;
    std::fill_n(block.data, MD5_CBLOCK, static_cast<char>(pad));
    for (std::size_t i = 0; i < key.size(); i++)
      block.data[i] = static_cast<char>(block.data[i] ^ key[i]);
    if (!md5_state_after(bytes(block.data), made.data + made.size))
      return Error{"MD5 could not be computed"};
    made.size += MD5_DIGEST_LENGTH;
  }
  return usable(same(made.view(), trial.stored));
}

Verified verify_digest_md5(const Trial& trial) {
  if (trial.user.empty()) return Error{"{DIGEST-MD5} needs the user's name"};
  const auto at = trial.user.rfind('@');
  const auto realm = at == std::string_view::npos ? "" : trial.user.substr(at + 1);
  Digest made;
  const Status status =
      digest(EVP_md5(), {trial.user.substr(0, at), ":", realm, ":", trial.password.reveal()}, made);
  if (!status) return status.error();
  return usable(same(made.view(), trial.stored));
}

Verified verify_otp(const Trial& trial) {
  constexpr std::size_t otp_bytes = 8, max_seed = 16;
  const auto field = [&](int n) { return base::part(trial.stored, ' ', n).value_or(""); };
  const auto* kind = std::ranges::find(otp_kinds, field(0), &OtpKind::name);
  const auto count = base::parse_number<std::uint32_t>(field(1));
  const auto hash = from_hex(field(3));
  std::string seed(field(2));  // either case, hashed in lower case
  for (char& c : seed) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (kind == std::end(otp_kinds) || !count || seed.empty() || seed.size() > max_seed || !hash ||
      hash->size() != otp_bytes || base::part(trial.stored, ' ', 4))
    return unusable(damaged);
  const EVP_MD* const md = kind->digest();
  if (!md) return no_legacy;
  Digest made, next;
  const Status first = digest(md, {seed, trial.password.reveal()}, made);
  if (!first) return first.error();
  fold(made, kind->big_endian);
  for (std::uint32_t i = 0; i < *count; i++) {
    const Status status = digest(md, {made.view()}, next);
    if (!status) return status.error();
    fold(next, kind->big_endian);
    std::copy_n(next.data, otp_bytes, made.data);
  }
  return usable(same(made.view(), *hash));
}

}  // namespace auth::hash
