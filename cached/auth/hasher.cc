// See hasher.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/hasher.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "cached/base/ip.h"
#include "cached/base/text.h"

namespace auth {

using base::Result;
using loop::Task;
using stores::AppPassword;
using Outcome = hash::Verification::Outcome;

namespace {

enum Rank { known = 0, stranger = 1 };

std::size_t hashing_threads(const hash::HashOptions& options) {
  return options.threads ? static_cast<std::size_t>(options.threads) : uv_available_parallelism();
}

std::size_t share(const hash::HashOptions& options) {
  const auto all = hashing_threads(options) + static_cast<std::size_t>(options.queue);
  return std::max<std::size_t>(1, all * static_cast<std::size_t>(options.share) / 100);
}

// The name before Dovecot's auth_username_format: some schemes hash it too.
const std::string& typed_name(const base::Login& login) {
  return login.original_user.empty() ? login.user : login.original_user;
}

// Whose wrong password it is.
std::string asker(const Attempt& attempt) {
  return base::cat(attempt.user, '\0', typed_name(attempt.login));
}

// The rows in the order in which they are tried; deleted ones stay behind the others.
std::vector<const AppPassword*> in_order(const Attempt& attempt) {
  const auto place = [&](const AppPassword* row) {
    return std::find(attempt.order.begin(), attempt.order.end(), row->id);
  };
  std::vector<const AppPassword*> rows;
  for (const AppPassword& row : attempt.rows) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [&](const AppPassword* a, const AppPassword* b) {
    return a->deleted != b->deleted ? b->deleted : place(a) < place(b);
  });
  return rows;
}

// Where somebody comes from: an IPv4 address, an IPv6 network of 64 bits (one site, RFC 6177), or
// what else stands there.
std::string place_of(const std::string& remote_ip) {
  constexpr std::size_t network_bytes = 8;
  const auto address = base::parse_address(remote_ip);
  if (!address) return remote_ip;
  const auto* bytes = reinterpret_cast<const char*>(address->bytes.data());
  return {bytes, address->is_v4() ? address->bytes.size() : network_bytes};
}

}  // namespace

Hasher::Hasher(uv_loop_t* loop, const hash::HashOptions& options)
    : lane_(loop, "hashing",
            {hashing_threads(options), static_cast<std::size_t>(options.queue), options.queue_time,
             options.memory_kib, static_cast<int>(options.niceness)}),
      users_(share(options)),
      places_(share(options)) {}

std::optional<const AppPassword*> Hasher::recall(const Attempt& attempt) const {
  const auto now = Proofs::Clock::now();
  const base::Secret& password = attempt.login.password;
  // A deleted row is the answer only when none that is not deleted matches.
  const bool none_valid = proofs_.is_wrong(asker(attempt), attempt.rows, password, now);
  for (const AppPassword& row : attempt.rows)
    if ((!row.deleted || none_valid) && proofs_.recall(row, password, now) == true) return &row;
  if (none_valid) return nullptr;
  return std::nullopt;
}

Task<Result<const AppPassword*>> Hasher::match(const Attempt& attempt) {
  const auto& [login, user, rows, order, options, deadline] = attempt;
  const auto recalled = recall(attempt);
  if (recalled) co_return *recalled;

  const auto now = Proofs::Clock::now();
  const auto count = static_cast<std::size_t>(options.proofs);
  const std::string place = place_of(login.remote_ip);
  const auto of_user = users_.take(user);
  const auto of_place = places_.take(place);
  if (!of_user || !of_place)
    co_return base::Error{of_user ? "[hash] share: too many logins from one address"
                                  : "[hash] share: too many logins of one user"};
  const Rank rank = proofs_.has_come(user, place, now) ? known : stranger;
  const loop::Turn turn{rank, std::hash<std::string>()(place)};
  const auto era = proofs_.era();
  const auto found = co_await search(attempt, turn);
  if (!found) co_return found.error();
  const bool valid = *found && !(*found)->deleted;
  if (!valid) proofs_.forget_coming(user, place);  // or one user could keep all strangers out
  if (era != proofs_.era()) co_return *found;      // judged by a config that is no longer in force
  if (*found) proofs_.prove(**found, login.password, now, {options.proof_time, count});
  if (!valid)
    proofs_.refute(asker(attempt), rows, login.password, now, {options.wrong_time, count});
  co_return *found;
}

void Hasher::welcome(const std::string& user, const std::string& remote_ip,
                     const hash::HashOptions& options) {
  const auto now = Proofs::Clock::now();
  const std::string place = place_of(remote_ip);
  if (!proofs_.has_come(user, place, now))
    proofs_.come(user, place, now, {options.known_time, static_cast<std::size_t>(options.proofs)});
}

Task<Result<const AppPassword*>> Hasher::search(const Attempt& attempt, loop::Turn turn) {
  const auto rows = in_order(attempt);
  std::size_t different = 0, unusable = 0;
  std::string failure;
  for (const AppPassword* candidate : rows) {
    const AppPassword& row = *candidate;
    const auto now = std::chrono::steady_clock::now();
    if (now > attempt.deadline) co_return base::Error{"took too long"};
    const auto recalled = proofs_.recall(row, attempt.login.password, now);
    if (recalled == true) co_return &row;  // by another login, while this one waited
    if (recalled == false && hash::reads_whole_password(row.hash)) continue;  // it is another one
    auto job = [&] {
      return hash::verify(row.hash, attempt.login.password, attempt.options,
                          typed_name(attempt.login));
    };
    const std::int64_t memory = hash::memory_kib(row.hash);
    const auto verified = co_await lane_.run(job, turn, memory);
    if (!verified) co_return verified.error();
    hashed_++;
    const bool ran = *verified && (*verified)->outcome != Outcome::unusable;
    if (ran && !hash::is_in_clear(row.hash)) usual_hash_ = row.hash;
    if (*verified && (*verified)->outcome == Outcome::same) co_return &row;
    if (*verified && (*verified)->outcome == Outcome::different) {
      different++;
      continue;
    }
    const std::string& problem = *verified ? (*verified)->problem : verified->error().text;
    unusable_.write(base::log::Level::error, base::cat("app password ", row.id, ": ", problem));
    if (*verified)
      unusable++;
    else
      failure = base::cat("app password ", row.id, ": ", problem);
  }
  if (!failure.empty()) co_return base::Error{failure};
  if (different > 0) co_return nullptr;
  const base::Status burnt = co_await burn(attempt, turn);
  if (!burnt) co_return burnt.error();
  if (unusable && unusable == rows.size())
    co_return base::Error{"none of the app passwords can be verified"};
  co_return nullptr;
}

// The decoy costs what verifying a hash of this site costs: the one that was verified last, or,
// when there was none yet, one as cachedctl makes them.
Task<base::Status> Hasher::burn(const Attempt& attempt, loop::Turn turn) {
  const std::string usual = usual_hash_;
  auto job = [&]() -> base::Status {
    const auto verified =
        hash::verify(usual, attempt.login.password, attempt.options, typed_name(attempt.login));
    if (verified && verified->outcome != Outcome::unusable) return base::Done{};
    auto made = hash::make(attempt.login.password, attempt.options);
    if (!made) return made.error();
    explicit_bzero(made->data(), made->size());
    return base::Done{};
  };
  const std::int64_t memory =
      usual.empty() ? attempt.options.argon2_memory_kib : hash::memory_kib(usual);
  const Result<base::Status> burnt = co_await lane_.run(job, turn, memory);
  hashed_++;
  co_return burnt ? *burnt : burnt.error();
}

}  // namespace auth
