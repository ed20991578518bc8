// See proofs.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/proofs.h"

#include <sodium.h>

#include <cstdint>

#include "cached/base/check.h"

namespace auth {

using base::Secret;
using stores::AppPassword;

namespace {
constexpr std::size_t key_size = crypto_generichash_KEYBYTES;
}

// Each part goes in behind its length, so that no two statements are made of the same bytes.
class Proofs::Hash {
 public:
  Hash(const unsigned char* key, std::string_view kind) {
    crypto_generichash_init(&state_, key, key_size, std::tuple_size_v<Digest>);
    add(kind);
  }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
  ~Hash() { sodium_memzero(&state_, sizeof state_); }

  void add(std::string_view part) {
    const std::uint64_t size = part.size();
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(&size), sizeof size);
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(part.data()), size);
  }
  void add(const AppPassword& row) {
    add({reinterpret_cast<const char*>(&row.id), sizeof row.id});
    add(row.hash);
  }
  Digest end() {
    Digest digest;
    crypto_generichash_final(&state_, digest.data(), digest.size());
    return digest;
  }

 private:
  crypto_generichash_state state_;
};

void Proofs::FreeGuarded::operator()(unsigned char* memory) const { sodium_free(memory); }

Proofs::Proofs() {
  base::check(sodium_init() >= 0, "libsodium");
  key_.reset(static_cast<unsigned char*>(sodium_malloc(key_size)));
  base::check(key_ != nullptr, "guarded memory for a key");
  randombytes_buf(key_.get(), key_size);
  sodium_mprotect_readonly(key_.get());
}

Digest Proofs::of_row(const AppPassword& row) const {
  Hash hash(key_.get(), "row");
  hash.add(row);
  return hash.end();
}

Digest Proofs::of_password(const AppPassword& row, const Secret& password) const {
  Hash hash(key_.get(), "password");
  hash.add(row);
  hash.add(password.reveal());
  return hash.end();
}

Digest Proofs::of_all(std::string_view user, const Rows& rows, const Secret& password) const {
  Hash hash(key_.get(), "wrong");
  hash.add(user);
  for (const AppPassword& row : rows) hash.add(row);
  hash.add(password.reveal());
  return hash.end();
}

Digest Proofs::of_coming(std::string_view user, std::string_view place) const {
  Hash hash(key_.get(), "came");
  hash.add(user);
  hash.add(place);
  return hash.end();
}

std::optional<bool> Proofs::recall(const AppPassword& row, const Secret& password,
                                   Clock::time_point now) const {
  const Digest* proven = right_.find(of_row(row), now);
  if (!proven) return std::nullopt;
  return *proven == of_password(row, password);  // keyed: the time of comparing tells nothing
}

void Proofs::prove(const AppPassword& row, const Secret& password, Clock::time_point now,
                   const Limits& limits) {
  right_.remember(of_row(row), of_password(row, password), now, limits.lifetime, limits.count);
}

bool Proofs::is_wrong(std::string_view user, const Rows& rows, const Secret& password,
                      Clock::time_point now) const {
  return wrong_.find(of_all(user, rows, password), now) != nullptr;
}

void Proofs::refute(std::string_view user, const Rows& rows, const Secret& password,
                    Clock::time_point now, const Limits& limits) {
  wrong_.remember(of_all(user, rows, password), {}, now, limits.lifetime, limits.count);
}

bool Proofs::has_come(std::string_view user, std::string_view place, Clock::time_point now) const {
  return came_.find(of_coming(user, place), now) != nullptr;
}

void Proofs::come(std::string_view user, std::string_view place, Clock::time_point now,
                  const Limits& limits) {
  came_.remember(of_coming(user, place), {}, now, limits.lifetime, limits.count);
}

void Proofs::forget_coming(std::string_view user, std::string_view place) {
  came_.forget(of_coming(user, place));
}

void Proofs::forget_all() {
  era_++;
  right_.forget_all();
  wrong_.forget_all();
}

}  // namespace auth
