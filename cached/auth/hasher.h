// Finds which of a user's app passwords was typed: verifications on the hashing lane, one row at a
// time, and a decoy of the same cost where nothing was hashed, so that a stranger cannot tell by
// the clock which users exist. Who has logged in before goes first, and nobody takes it all.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cached/auth/hash.h"
#include "cached/auth/proofs.h"
#include "cached/auth/shares.h"
#include "cached/base/log.h"
#include "cached/base/login.h"
#include "cached/loop/lane.h"
#include "cached/loop/task.h"
#include "cached/stores/store.h"

namespace auth {

// A password to be found among a user's rows. What it refers to must outlive the task.
struct Attempt {
  const base::Login& login;
  const std::string& user;  // as the rows have it
  const std::vector<stores::AppPassword>& rows;
  const std::vector<std::int64_t>&
      order;  // ids: who is tried first; the others follow as they come
  const hash::HashOptions& options;
  std::chrono::steady_clock::time_point deadline;
};

class Hasher {
 public:
  Hasher(uv_loop_t* loop, const hash::HashOptions& options);

  // What is known of the attempt without hashing anything: as match(); nullopt: nothing.
  std::optional<const stores::AppPassword*> recall(const Attempt& attempt) const;

  // The first row that the password matches; null: none does. What was found out a short while ago
  // ([hash] proof_time, wrong_time) is not hashed again, as long as the rows are the same. Unusable
  // rows are reported in the log by id. An error (cannot tell) when no row matches and all are
  // unusable or one could not be run, when the lane has no room, and when the deadline has passed
  // before all were tried.
  loop::Task<base::Result<const stores::AppPassword*>> match(const Attempt& attempt);

  std::uint64_t hashed() const { return hashed_; }  // verifications and decoys so far

  // The user was let in from there: from now on he goes before strangers.
  void welcome(const std::string& user, const std::string& remote_ip,
               const hash::HashOptions& options);

  // What is allowed may have changed: from now on everything is hashed once more.
  void forget_proofs() { proofs_.forget_all(); }

 private:
  using Found = base::Result<const stores::AppPassword*>;

  // The search itself, by hashing.
  loop::Task<Found> search(const Attempt& attempt, loop::Turn turn);
  loop::Task<base::Status> burn(const Attempt& attempt, loop::Turn turn);

  loop::Lane lane_;
  Proofs proofs_;
  Shares users_;
  Shares places_;
  std::uint64_t hashed_ = 0;
  std::string usual_hash_;  // of somebody: what a decoy has to look like
  base::log::Limited unusable_;
};

}  // namespace auth
