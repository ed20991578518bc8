// See digest.h. The digests are OpenSSL's.
// SPDX-License-Identifier: MIT

#include "cached/auth/digest.h"

#include "cached/auth/encoding.h"
#include "cached/base/text.h"

namespace auth::hash {

using base::Error;
using base::Status;

Verified verify_bare(const EVP_MD* kind, const Trial& trial) {
  if (!kind) return no_legacy;
  Digest made;
  const Status status = digest(kind, {trial.password.reveal()}, made);
  if (!status) return status.error();
  return usable(same(made.view(), trial.stored));
}

Verified verify_salted(const EVP_MD* kind, const Trial& trial) {
  const auto size = static_cast<std::size_t>(EVP_MD_get_size(kind));
  if (trial.stored.size() <= size) return unusable("damaged hash: there is no salt behind it");
  const std::string_view stored = trial.stored;
  Digest made;
  const Status status = digest(kind, {trial.password.reveal(), stored.substr(size)}, made);
  if (!status) return status.error();
  return usable(same(made.view(), stored.substr(0, size)));
}

Verified verify_pbkdf2(const Trial& trial) {
  constexpr std::size_t hash_bytes = 20;
  const auto salt = base::part(trial.stored, '$', 2);
  const auto rounds_text = base::part(trial.stored, '$', 3);
  const auto hash = base::part(trial.stored, '$', 4);
  const int rounds = base::parse_number<int>(rounds_text.value_or("")).value_or(0);
  const auto raw = from_hex(hash.value_or(""));
  if (!raw || raw->size() != hash_bytes || rounds < 1 || base::part(trial.stored, '$', 5))
    return unusable(damaged);
  Digest made;
  made.size = hash_bytes;
  const auto text = trial.password.reveal();
  if (PKCS5_PBKDF2_HMAC_SHA1(text.data(), static_cast<int>(text.size()), bytes(*salt),
                             static_cast<int>(salt->size()), rounds, static_cast<int>(made.size),
                             bytes(made.data)) != 1)
    return Error{"PBKDF2 could not be computed"};
  return usable(same(made.view(), *raw));
}

Verified verify_plain(const Trial& trial) {
  return usable(same(trial.stored, trial.password.reveal()));
}

Verified verify_plain_trunc(const Trial& trial) {
  const std::string_view stored = trial.stored;
  const auto dash = stored.find('-');
  const auto length = base::parse_number<std::size_t>(stored.substr(0, dash));
  if (dash == std::string_view::npos || !length)
    return unusable("damaged hash: {PLAIN-TRUNC} has no length before it");
  const auto known = stored.substr(dash + 1);
  if (known.empty()) return unusable("refused: any password would be right");
  const auto typed = trial.password.reveal();
  return usable(same(known, known.size() == *length ? typed.substr(0, *length) : typed));
}

}  // namespace auth::hash
