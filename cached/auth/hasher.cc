// See hasher.h.
// SPDX-License-Identifier: MIT
#include "cached/auth/hasher.h"

#include "cached/base/log.h"
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

Task<Result<hash::Verification>> Hasher::verify(const std::string& stored, const Secret& password,
                                                const hash::HashOptions& options) {
  auto job = [&] { return hash::verify(stored, password, options); };
  Result<Result<hash::Verification>> result = co_await lane_.run(job);
  if (!result) co_return result.error();
  co_return std::move(*result);
}

// The decoy: hashing what was typed costs what verifying it would.
Task<base::Status> Hasher::burn(const Secret& password, const hash::HashOptions& options) {
  auto job = [&] { return hash::make(password, options); };
  const Result<Result<std::string>> result = co_await lane_.run(job);
  if (!result) co_return result.error();
  if (!*result) co_return result->error();
  co_return base::Done{};
}

Task<Result<const AppPassword*>> Hasher::match(const Secret& password,
                                               const std::vector<AppPassword>& rows,
                                               const hash::HashOptions& options) {
  using Outcome = hash::Verification::Outcome;
  std::size_t unusable = 0;
  for (const AppPassword& row : rows) {
    const Result<hash::Verification> verified = co_await verify(row.hash, password, options);
    if (!verified) co_return verified.error();
    if (verified->outcome == Outcome::same) co_return &row;
    if (verified->outcome == Outcome::different) continue;
    unusable++;
    base::log::error(base::cat("app password ", row.id, ": ", verified->problem));
  }
  if (unusable < rows.size()) co_return nullptr;
  const base::Status burnt = co_await burn(password, options);
  if (!burnt) co_return burnt.error();
  if (unusable) co_return base::Error{"none of the app passwords can be verified"};
  co_return nullptr;
}

}  // namespace auth
