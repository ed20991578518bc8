// What is remembered of verified passwords, and for how long.
// SPDX-License-Identifier: MIT

#include "cached/auth/proofs.h"

#include <doctest/doctest.h>

namespace {

using auth::Proofs;
using base::Secret;
using std::chrono::milliseconds;
using Rows = std::vector<stores::AppPassword>;

const auto now = Proofs::Clock::now();

}  // namespace

TEST_CASE("what was remembered holds until its time is over") {
  Proofs proofs;
  const auto proof = proofs.right({1, "hash", "", false}, Secret("secret"));
  CHECK(!proofs.holds(proof, now));
  proofs.remember(proof, now, milliseconds(100), 10);
  CHECK(proofs.holds(proof, now));
  CHECK(proofs.holds(proof, now + milliseconds(99)));
  CHECK(!proofs.holds(proof, now + milliseconds(100)));
}

TEST_CASE("a proof is of one password, one row and its hash") {
  Proofs proofs;
  const stores::AppPassword row{1, "hash", "", false};
  const auto proof = proofs.right(row, Secret("secret"));
  CHECK(proof == proofs.right(row, Secret("secret")));
  CHECK(proof != proofs.right(row, Secret("secreT")));
  CHECK(proof != proofs.right({2, "hash", "", false}, Secret("secret")));
  CHECK(proof != proofs.right({1, "hasH", "", false}, Secret("secret")));
  CHECK(proof != proofs.right({1, "hashs", "", false}, Secret("ecret")));
}

TEST_CASE("a wrong password is of one user and all rows") {
  Proofs proofs;
  const Secret password("secret");
  const Rows rows = {{1, "a", "", false}, {2, "b", "", false}};
  const auto wrong = proofs.wrong("alice", rows, password);
  CHECK(wrong == proofs.wrong("alice", rows, password));
  CHECK(wrong != proofs.wrong("bob", rows, password));
  CHECK(wrong != proofs.wrong("alice", {rows[0]}, password));
  CHECK(wrong != proofs.wrong("alice", {{1, "a", "", false}, {2, "c", "", false}}, password));
  CHECK(wrong != proofs.wrong("alice", rows, Secret("secre")));
  CHECK(proofs.wrong("", {rows[0]}, password) != proofs.right(rows[0], password));
}

TEST_CASE("another process has another key") {
  const stores::AppPassword row{1, "hash", "", false};
  CHECK(Proofs().right(row, Secret("secret")) != Proofs().right(row, Secret("secret")));
}

TEST_CASE("when there are too many, the oldest is forgotten") {
  Proofs proofs;
  std::vector<Proofs::Digest> all;
  for (std::int64_t id = 0; id < 100; id++) {
    all.push_back(proofs.right({id, "hash", "", false}, Secret("secret")));
    proofs.remember(all.back(), now, milliseconds(100), 10);
    proofs.remember(all.back(), now, milliseconds(100), 10);
    CHECK(proofs.size() <= 10);
  }
  CHECK(proofs.holds(all[99], now));
  CHECK(!proofs.holds(all[0], now));
}

TEST_CASE("a limit or a lifetime of nothing remembers nothing and forgets what there was") {
  Proofs proofs;
  const auto proof = proofs.right({1, "hash", "", false}, Secret("secret"));
  proofs.remember(proof, now, milliseconds(0), 10);
  CHECK(!proofs.holds(proof, now));
  proofs.remember(proof, now, milliseconds(100), 10);
  proofs.remember(proof, now, milliseconds(100), 0);
  CHECK(!proofs.holds(proof, now));
  CHECK(proofs.size() == 0);
}
