// Finds which of a user's app passwords was typed: verifications on the hashing lane, one row at a
// time, and a decoy of the same cost where there is no row, so that a stranger cannot tell by the
// clock which users exist.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cached/auth/hash.h"
#include "cached/auth/proofs.h"
#include "cached/base/log.h"
#include "cached/loop/lane.h"
#include "cached/loop/task.h"
#include "cached/stores/store.h"

namespace auth {

class Hasher {
 public:
  Hasher(uv_loop_t* loop, const hash::HashOptions& options);

  // The first row that the password matches; null: none does. What was found out a short while ago
  // ([hash] proof_time, wrong_time) is not hashed again, as long as the rows are the same. Unusable
  // rows are reported in the log by id. An error (cannot tell) when no row matches and all are
  // unusable or one could not be run, when the lane has no room, and when `deadline` has passed
  // before all were tried. The arguments must outlive the task.
  loop::Task<base::Result<const stores::AppPassword*>> match(
      const std::string& user, const base::Secret& password,
      const std::vector<stores::AppPassword>& rows, const hash::HashOptions& options,
      std::chrono::steady_clock::time_point deadline);

  // What is allowed may have changed: from now on everything is hashed once more.
  void forget_proofs() { proofs_.forget_all(); }

 private:
  loop::Task<base::Status> burn(const base::Secret& password, const hash::HashOptions& options);

  // The search itself, by hashing.
  loop::Task<base::Result<const stores::AppPassword*>> search(
      const base::Secret& password, const std::vector<stores::AppPassword>& rows,
      const hash::HashOptions& options, std::chrono::steady_clock::time_point deadline);

  loop::Lane lane_;
  Proofs proofs_;
  base::log::Limited unusable_;
};

// How many verifications may run at the same time: [hash] threads, or the machine's cores.
std::size_t hashing_threads(const hash::HashOptions& options);

}  // namespace auth
