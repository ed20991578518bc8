// See hash.h. Argon2 is the reference library's; how the others are verified is in crypted, digest,
// challenge and windows.
// SPDX-License-Identifier: MIT

#include "cached/auth/hash.h"

#include <argon2.h>
#include <sys/random.h>
#include <cstring>

#include "cached/auth/challenge.h"
#include "cached/auth/crypted.h"
#include "cached/auth/digest.h"
#include "cached/auth/encoding.h"
#include "cached/auth/windows.h"
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

template <argon2_type type>
Verified verify_argon2(const Trial& trial) {
  const auto text = trial.password.reveal();
  const int result = argon2_verify(trial.stored.c_str(), text.data(), text.size(), type);
  if (result == ARGON2_OK || result == ARGON2_VERIFY_MISMATCH) return usable(result == ARGON2_OK);
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR || result == ARGON2_THREAD_FAIL)
    return Error{cat("Argon2: ", argon2_error_message(result))};
  return unusable(cat("damaged hash: ", argon2_error_message(result)));
}

enum class Reads { whole, part };      // of the password
enum class Kept { hashed, in_clear };  // the latter only with [hash] allow_plain

// How a hash is written when its word does not say (as {SSHA.hex} does): as it is, in base64, or so
// many bytes in hex or base64.
using Form = std::size_t;
constexpr Form as_is = 0, base64 = 1;

// One row for each kind of hash, found by how it begins and by its {WORD}.
struct Scheme {
  std::string_view prefix;     // of the hash itself; empty: only its word tells what it is
  std::string_view spellings;  // words that may stand before it; with a prefix, none is right too
  Form form;
  Reads reads;
  Kept kept;
  Result<Cost> (*cost)(std::string_view stored);
  Verified (*verify)(const Trial& trial);
};

using enum Reads;
using enum Kept;

// clang-format off
constexpr Scheme schemes[] = {
    {"$argon2id$", "ARGON2ID CRYPT", as_is, whole, hashed, argon2_cost, verify_argon2<Argon2_id>},
    {"$argon2i$", "ARGON2I CRYPT", as_is, whole, hashed, argon2_cost, verify_argon2<Argon2_i>},
    {"$6$", "SHA512-CRYPT CRYPT", as_is, whole, hashed, sha_cost, verify_crypt},
    {"$5$", "SHA256-CRYPT CRYPT", as_is, whole, hashed, sha_cost, verify_crypt},
    {"$2y$", "BLF-CRYPT CRYPT", as_is, part, hashed, bcrypt_cost, verify_crypt},  // 72 bytes
    {"$2b$", "BLF-CRYPT CRYPT", as_is, part, hashed, bcrypt_cost, verify_crypt},
    {"$2a$", "BLF-CRYPT CRYPT", as_is, part, hashed, bcrypt_cost, verify_crypt},
    {"$y$", "CRYPT", as_is, whole, hashed, yescrypt_cost, verify_yescrypt},
    {"$gy$", "CRYPT", as_is, whole, hashed, yescrypt_cost, verify_yescrypt},
    {"$7$", "CRYPT", as_is, whole, hashed, scrypt_cost, verify_scrypt},
    {"$1$", "MD5-CRYPT MD5 CRYPT", as_is, whole, hashed, no_cost, verify_crypt},
    {"$1$", "PBKDF2", as_is, whole, hashed, pbkdf2_cost, verify_pbkdf2},
    {"", "DES-CRYPT CRYPT", as_is, part, hashed, no_cost, verify_des},  // 8 bytes
    {"", "SSHA", base64, whole, hashed, no_cost, verify_salted_digest<EVP_sha1>},
    {"", "SSHA256", base64, whole, hashed, no_cost, verify_salted_digest<EVP_sha256>},
    {"", "SSHA512", base64, whole, hashed, no_cost, verify_salted_digest<EVP_sha512>},
    {"", "SMD5", base64, whole, hashed, no_cost, verify_salted_digest<EVP_md5>},
    {"", "SHA SHA1", 20, whole, hashed, no_cost, verify_digest<EVP_sha1>},
    {"", "SHA256", 32, whole, hashed, no_cost, verify_digest<EVP_sha256>},
    {"", "SHA512", 64, whole, hashed, no_cost, verify_digest<EVP_sha512>},
    {"", "PLAIN-MD5 LDAP-MD5 MD5", 16, whole, hashed, no_cost, verify_digest<EVP_md5>},
    {"", "PLAIN-MD4", 16, whole, hashed, no_cost, verify_digest<md4>},
    {"", "SCRAM-SHA-1", as_is, whole, hashed, scram_cost, verify_scram_sha1},
    {"", "SCRAM-SHA-256", as_is, whole, hashed, scram_cost, verify_scram_sha256},
    {"", "CRAM-MD5 HMAC-MD5", 32, whole, hashed, no_cost, verify_cram_md5},
    {"", "DIGEST-MD5", 16, whole, hashed, no_cost, verify_digest_md5},
    {"", "OTP SKEY", as_is, whole, hashed, otp_cost, verify_otp},
    {"", "NTLM", 16, whole, hashed, no_cost, verify_ntlm},
    {"", "LANMAN", 16, part, hashed, no_cost, verify_lanman},  // 14 bytes, their case not at all
    {"", "RPA", 16, whole, hashed, no_cost, verify_rpa},
    {"", "PLAIN CLEAR CLEARTEXT", as_is, whole, in_clear, no_cost, verify_plain},
    {"", "PLAIN-TRUNC", as_is, part, in_clear, no_cost, verify_plain_trunc},
};
// clang-format on

using Decoder = std::optional<std::string> (*)(std::string_view text);
struct Encoding {
  std::string_view word;
  Decoder decode;
};
constexpr Encoding encodings[] = {{"b64", from_base64}, {"base64", from_base64}, {"hex", from_hex}};

bool has_word(std::string_view words, std::string_view word) {
  for (const auto candidate : base::split_words(words))
    if (base::equals_ignoring_case(candidate, word)) return true;
  return false;
}

// What a stored hash is: its row, null when it is unknown, and its text without {SCHEME}, decoded;
// nullopt when it is damaged.
struct Found {
  const Scheme* scheme = nullptr;
  std::optional<std::string> text;
};

std::optional<std::string> decode(const Scheme& scheme, std::string_view text) {
  if (scheme.form == as_is) return std::string(text);
  return scheme.form == base64 ? from_base64(text) : from_either(text, scheme.form);
}

// The row that `text` belongs to: by its beginning, and by its word when it has one.
const Scheme* row_of(std::optional<std::string_view> word, std::string_view text) {
  for (const Scheme& scheme : schemes) {
    const bool fits = word ? has_word(scheme.spellings, *word) : !scheme.prefix.empty();
    if (fits && text.starts_with(scheme.prefix)) return &scheme;
  }
  return nullptr;
}

Found find(std::string_view stored) {
  const auto brace = stored.find('}');
  if (!stored.starts_with('{') || brace == std::string_view::npos) {
    const Scheme* const scheme = row_of(std::nullopt, stored);
    return {scheme, std::string(stored)};
  }
  const auto label = stored.substr(1, brace - 1);
  const auto text = stored.substr(brace + 1);
  const auto word = label.substr(0, label.find('.'));
  if (word.size() == label.size()) {
    const Scheme* const scheme = row_of(word, text);
    return {scheme, scheme ? decode(*scheme, text) : std::nullopt};
  }
  for (const Encoding& encoding : encodings) {
    if (!base::equals_ignoring_case(encoding.word, label.substr(word.size() + 1))) continue;
    auto decoded = encoding.decode(text);
    const Scheme* const scheme = row_of(word, decoded.value_or(""));
    const bool any_size = !scheme || scheme->form == as_is || scheme->form == base64;
    if (decoded && !any_size && decoded->size() != scheme->form) decoded.reset();
    return {scheme, std::move(decoded)};
  }
  return {};
}

}  // namespace

Verified verify(std::string_view stored, const Secret& password, const HashOptions& options,
                std::string_view user) {
  const auto [scheme, text] = find(stored);
  if (!scheme) return unusable("unknown scheme");  // not quoted: it may be a password in the clear
  if (scheme->kept == in_clear && options.allow_plain != "yes")
    return unusable("refused: it is not hashed, and [hash] allow_plain is no");
  if (!text) return unusable("damaged hash: it is not base64 or hex of the right length");
  if (text->empty()) return unusable("damaged hash: it is empty");
  if (scheme->form == as_is && text->find('\0') != std::string::npos)
    return unusable("damaged hash: a NUL in it");
  const auto cost = scheme->cost(*text);
  if (!cost) return unusable(cost.error().text);
  const Status within = allowed(*cost, options);
  if (!within) return unusable(within.error().text);
  // C's functions see only what is before a NUL, and HMAC takes NULs behind a key for none.
  if (password.reveal().find('\0') != std::string_view::npos) return usable(false);
  return scheme->verify({*text, password, user});
}

bool reads_whole_password(std::string_view stored) {
  const auto [scheme, text] = find(stored);
  return !scheme || scheme->reads == whole;
}

bool is_in_clear(std::string_view stored) {
  const auto [scheme, text] = find(stored);
  return scheme && scheme->kept == in_clear;
}

std::int64_t memory_kib(std::string_view stored) {
  const auto [scheme, text] = find(stored);
  if (!scheme || !text) return 0;
  const auto cost = scheme->cost(*text);
  return cost ? cost->memory_kib : 0;
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
