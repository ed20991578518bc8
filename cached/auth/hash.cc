// See hash.h. Argon2 is the reference library's, crypt(3) libxcrypt's, the rest is in
// digest.
// SPDX-License-Identifier: MIT

#include "cached/auth/hash.h"

#include <argon2.h>
#include <crypt.h>
#include <sys/random.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "cached/auth/cost.h"
#include "cached/auth/digest.h"
#include "cached/base/text.h"

namespace auth::hash {
namespace {

using base::cat;
using base::Error;
using base::Result;
using base::Secret;
using base::Status;

constexpr std::uint32_t salt_bytes = 16;
constexpr std::uint32_t hash_bytes = 32;

Result<Verification> verify_argon2(const std::string& stored, const Secret& password,
                                   argon2_type type) {
  const auto text = password.reveal();
  const int result = argon2_verify(stored.c_str(), text.data(), text.size(), type);
  if (result == ARGON2_OK || result == ARGON2_VERIFY_MISMATCH) return usable(result == ARGON2_OK);
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR || result == ARGON2_THREAD_FAIL)
    return Error{cat("Argon2: ", argon2_error_message(result))};
  return unusable(cat("damaged hash: ", argon2_error_message(result)));
}

Result<Verification> verify_argon2id(const std::string& stored, const Secret& password) {
  return verify_argon2(stored, password, Argon2_id);
}

Result<Verification> verify_argon2i(const std::string& stored, const Secret& password) {
  return verify_argon2(stored, password, Argon2_i);
}

// crypt(3)'s work area has the password in it, so it is wiped; it is 32 KB, so it is on the heap.
struct WipeArea {
  void operator()(crypt_data* area) const {
    explicit_bzero(area, sizeof *area);
    delete area;
  }
};

Result<Verification> verify_crypt(const std::string& stored, const Secret& password) {
  const auto text = password.reveal();
  // crypt(3) would see only what is before a NUL, and takes no more than this.
  if (text.find('\0') != std::string_view::npos || text.size() >= CRYPT_MAX_PASSPHRASE_SIZE)
    return usable(false);
  const Secret terminated = password.with_ending('\0');
  const std::unique_ptr<crypt_data, WipeArea> area(new crypt_data{});
  errno = 0;
  const char* result =
      crypt_rn(terminated.reveal().data(), stored.c_str(), area.get(), sizeof *area);
  if (!result && errno == ENOMEM) return Error{"crypt: out of memory"};
  if (!result || *result == '*') return unusable(damaged);
  if (std::strlen(result) != stored.size()) return unusable("damaged hash: its length is wrong");
  return usable(same(result, stored));
}

// libxcrypt's yescrypt has one error for a damaged hash and for memory it did not get: not to be
// taken for the first.
Result<Verification> verify_yescrypt(const std::string& stored, const Secret& password) {
  auto verified = verify_crypt(stored, password);
  if (verified && verified->problem == damaged) return Error{"yescrypt: out of memory, or damaged"};
  return verified;
}

// One row for each kind of hash, found by how it begins and by its {WORD}.
struct Scheme {
  std::string_view prefix;     // of the hash itself; empty: only its word tells what it is
  std::string_view spellings;  // words that may stand before it; with a prefix, none is right too
  Status (*check_cost)(std::string_view stored, const HashOptions& options);
  Result<Verification> (*verify)(const std::string& stored, const Secret& password);
};

constexpr Scheme schemes[] = {
    {"$argon2id$", "ARGON2ID CRYPT", check_argon2_cost, verify_argon2id},
    {"$argon2i$", "ARGON2I CRYPT", check_argon2_cost, verify_argon2i},
    {"$6$", "SHA512-CRYPT CRYPT", check_sha_cost, verify_crypt},
    {"$5$", "SHA256-CRYPT CRYPT", check_sha_cost, verify_crypt},
    {"$2y$", "BLF-CRYPT CRYPT", check_bcrypt_cost, verify_crypt},
    {"$2b$", "BLF-CRYPT CRYPT", check_bcrypt_cost, verify_crypt},
    {"$2a$", "BLF-CRYPT CRYPT", check_bcrypt_cost, verify_crypt},
    {"$y$", "CRYPT", check_yescrypt_cost, verify_yescrypt},
    {"$1$", "MD5-CRYPT CRYPT", no_cost, verify_crypt},
    {"$1$", "PBKDF2", check_pbkdf2_cost, verify_pbkdf2},
    {"", "SHA SHA1 SSHA", no_cost, verify_sha1},
    {"", "SHA256 SSHA256", no_cost, verify_sha256},
    {"", "SHA512 SSHA512", no_cost, verify_sha512},
    {"", "LDAP-MD5 SMD5", no_cost, verify_md5},
    {"", "PLAIN CLEAR CLEARTEXT", check_plain, verify_plain},
};

bool has_word(std::string_view words, std::string_view word) {
  for (const auto candidate : base::split_words(words))
    if (base::equals_ignoring_case(candidate, word)) return true;
  return false;
}

}  // namespace

Result<Verification> verify(std::string_view stored, const Secret& password,
                            const HashOptions& options) {
  std::optional<std::string_view> word;
  const auto brace = stored.find('}');
  if (stored.starts_with('{') && brace != std::string_view::npos) {
    word = stored.substr(1, brace - 1);
    stored.remove_prefix(brace + 1);
  }
  if (stored.find('\0') != std::string_view::npos) return unusable("damaged hash: a NUL in it");
  for (const Scheme& scheme : schemes) {
    if (!stored.starts_with(scheme.prefix)) continue;
    const bool fits = word ? has_word(scheme.spellings, *word) : !scheme.prefix.empty();
    if (!fits) continue;
    const Status cost = scheme.check_cost(stored, options);
    if (!cost) return unusable(cost.error().text);
    return scheme.verify(std::string(stored), password);
  }
  return unusable("unknown scheme");  // not quoted: it may be a password in the clear
}

Result<std::string> make(const Secret& password, const HashOptions& options) {
  const auto memory = static_cast<std::uint32_t>(options.argon2_memory_kib);
  const auto passes = static_cast<std::uint32_t>(options.argon2_passes);
  const auto text = password.reveal();
  unsigned char salt[salt_bytes];
  if (getrandom(salt, sizeof salt, 0) != sizeof salt) return Error{"no random bytes"};
  std::string out(argon2_encodedlen(passes, memory, 1, salt_bytes, hash_bytes, Argon2_id), '\0');
  const int result = argon2id_hash_encoded(passes, memory, 1, text.data(), text.size(), salt,
                                           sizeof salt, hash_bytes, out.data(), out.size());
  if (result != ARGON2_OK) return Error{cat("Argon2id: ", argon2_error_message(result))};
  out.resize(std::strlen(out.c_str()));
  return out;
}

}  // namespace auth::hash
