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

Proofs::Digest Proofs::right(const AppPassword& row, const Secret& password) const {
  Hash hash(key_.get(), "right");
  hash.add(row);
  hash.add(password.reveal());
  return hash.end();
}

Proofs::Digest Proofs::wrong(std::string_view user, const std::vector<AppPassword>& rows,
                             const Secret& password) const {
  Hash hash(key_.get(), "wrong");
  hash.add(user);
  for (const AppPassword& row : rows) hash.add(row);
  hash.add(password.reveal());
  return hash.end();
}

bool Proofs::holds(const Digest& statement, Clock::time_point now) const {
  const auto found = ends_.find(statement);
  return found != ends_.end() && now < found->second;
}

void Proofs::forget_all() {
  era_++;
  ends_.clear();
  order_.clear();
}

void Proofs::remember(const Digest& statement, Clock::time_point now,
                      std::chrono::milliseconds lifetime, std::size_t limit) {
  while (!order_.empty() && order_.size() >= limit) {
    ends_.erase(order_.front());
    order_.pop_front();
  }
  if (limit == 0 || lifetime.count() == 0) return;
  const auto [known, is_new] = ends_.insert_or_assign(statement, now + lifetime);
  if (is_new) order_.push_back(statement);
}

}  // namespace auth
