// See crypted.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/crypted.h"

#include <crypt.h>
#include <cerrno>
#include <cstring>
#include <memory>

#include "cached/auth/primitives.h"
#include "cached/base/text.h"

namespace auth::hash {
namespace {

using base::Error;
using base::Secret;

// crypt(3)'s work area has the password in it, so it is wiped; it is 32 KB, so it is on the heap.
struct WipeArea {
  void operator()(crypt_data* area) const {
    explicit_bzero(area, sizeof *area);
    delete area;
  }
};

// libxcrypt has one error for a damaged hash and for memory it did not get, which is not to be
// taken for the first: a hash that fails with the least memory as well is damaged.
Verified verify_hungry(const Trial& trial, const std::string& with_least_memory) {
  auto verified = verify_crypt(trial);
  if (!verified || verified->problem != damaged) return verified;
  const auto smallest = verify_crypt({with_least_memory, trial.password, trial.user});
  if (smallest && smallest->problem != damaged)
    return Error{"out of memory, or parameters that libxcrypt does not take"};
  return verified;
}

}  // namespace

Verified verify_crypt(const Trial& trial) {
  const auto& stored = trial.stored;
  const auto text = trial.password.reveal();
  if (text.size() >= CRYPT_MAX_PASSPHRASE_SIZE) return usable(false);  // crypt(3) takes no more
  const Secret terminated = trial.password.with_ending('\0');
  const std::unique_ptr<crypt_data, WipeArea> area(new crypt_data{});
  errno = 0;
  const char* result =
      crypt_rn(terminated.reveal().data(), stored.c_str(), area.get(), sizeof *area);
  if (!result && errno == ENOMEM) return Error{"crypt: out of memory"};
  if (!result || *result == '*') return unusable(damaged);
  if (std::strlen(result) != stored.size()) return unusable("damaged hash: its length is wrong");
  return usable(same(result, stored));
}

Verified verify_yescrypt(const Trial& trial) {
  const auto salt_at = trial.stored.find('$', trial.stored.find('$', 1) + 1);
  if (salt_at == std::string::npos) return unusable(damaged);
  const auto word = base::part(trial.stored, '$', 1).value_or("");
  return verify_hungry(trial, base::cat("$", word, "$j/.", trial.stored.substr(salt_at)));
}

Verified verify_scrypt(const Trial& trial) {
  constexpr std::size_t salt_at = 14;  // what is before it was read by scrypt_cost
  return verify_hungry(trial, base::cat("$7$0/..../....", trial.stored.substr(salt_at)));
}

Verified verify_des(const Trial& trial) {
  constexpr std::size_t des_characters = 13;
  if (trial.stored.size() != des_characters)
    return unusable("damaged hash: it is not 13 characters, as those of DES are");
  return verify_crypt(trial);
}

}  // namespace auth::hash
