// See hasher.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/hasher.h"

#include <cstring>

#include "cached/base/text.h"

namespace auth {

using base::Result;
using base::Secret;
using loop::Task;
using stores::AppPassword;

std::size_t hashing_threads(const hash::HashOptions& options) {
  return options.threads ? static_cast<std::size_t>(options.threads) : uv_available_parallelism();
}

Hasher::Hasher(uv_loop_t* loop, const hash::HashOptions& options)
    : lane_(loop, "hashing", hashing_threads(options), static_cast<std::size_t>(options.queue),
            options.queue_time) {}

// The decoy: hashing what was typed costs what verifying it would.
Task<base::Status> Hasher::burn(const Secret& password, const hash::HashOptions& options) {
  auto job = [&]() -> base::Status {
    auto made = hash::make(password, options);
    if (!made) return made.error();
    explicit_bzero(made->data(), made->size());
    return base::Done{};
  };
  const Result<base::Status> burnt = co_await lane_.run(job);
  co_return burnt ? *burnt : burnt.error();
}

Task<Result<const AppPassword*>> Hasher::match(const std::string& user, const Secret& password,
                                               const std::vector<AppPassword>& rows,
                                               const hash::HashOptions& options,
                                               std::chrono::steady_clock::time_point deadline) {
  const auto now = Proofs::Clock::now();
  const auto limit = static_cast<std::size_t>(options.proofs);
  for (const AppPassword& row : rows)
    if (proofs_.holds(proofs_.right(row, password), now)) co_return &row;
  const auto none_of_them = proofs_.wrong(user, rows, password);
  if (proofs_.holds(none_of_them, now)) co_return nullptr;

  const auto era = proofs_.era();
  const auto found = co_await search(password, rows, options, deadline);
  if (!found) co_return found.error();
  if (era != proofs_.era()) co_return *found;  // judged by a config that is no longer in force
  if (*found)
    proofs_.remember(proofs_.right(**found, password), now, options.proof_time, limit);
  else
    proofs_.remember(none_of_them, now, options.wrong_time, limit);
  co_return *found;
}

Task<Result<const AppPassword*>> Hasher::search(const Secret& password,
                                                const std::vector<AppPassword>& rows,
                                                const hash::HashOptions& options,
                                                std::chrono::steady_clock::time_point deadline) {
  using Outcome = hash::Verification::Outcome;
  std::size_t unusable = 0;
  std::string failure;
  for (const AppPassword& row : rows) {
    if (std::chrono::steady_clock::now() > deadline) co_return base::Error{"took too long"};
    auto job = [&] { return hash::verify(row.hash, password, options); };
    const auto verified = co_await lane_.run(job);
    if (!verified) co_return verified.error();
    if (*verified && (*verified)->outcome == Outcome::same) co_return &row;
    if (*verified && (*verified)->outcome == Outcome::different) continue;
    const std::string& problem = *verified ? (*verified)->problem : verified->error().text;
    unusable_.write(base::log::Level::error, base::cat("app password ", row.id, ": ", problem));
    if (*verified)
      unusable++;
    else
      failure = base::cat("app password ", row.id, ": ", problem);
  }
  if (!failure.empty()) co_return base::Error{failure};
  if (unusable < rows.size()) co_return nullptr;
  const base::Status burnt = co_await burn(password, options);
  if (!burnt) co_return burnt.error();
  if (unusable) co_return base::Error{"none of the app passwords can be verified"};
  co_return nullptr;
}

}  // namespace auth
