// What is remembered of verified passwords, and for how long.
// SPDX-License-Identifier: MIT

#include "cached/auth/proofs.h"

#include <doctest/doctest.h>

#include "cached/auth/shares.h"

namespace {

using auth::Digest;
using auth::Proofs;
using auth::Recent;
using base::Secret;
using std::chrono::milliseconds;

const auto now = Proofs::Clock::now();
const Proofs::Limits limits{milliseconds(100), 10};
const stores::AppPassword row{1, "hash", "", false};

Digest digest_of(int number) {
  Digest digest{};
  std::memcpy(digest.data(), &number, sizeof number);
  return digest;
}

}  // namespace

TEST_CASE("what was remembered is known until its time is over") {
  Recent<int> recent;
  CHECK(!recent.find(digest_of(1), now));
  recent.remember(digest_of(1), 7, now, milliseconds(100), 10);
  REQUIRE(recent.find(digest_of(1), now + milliseconds(99)));
  CHECK(*recent.find(digest_of(1), now + milliseconds(99)) == 7);
  CHECK(!recent.find(digest_of(1), now + milliseconds(100)));
  CHECK(!recent.find(digest_of(2), now));
}

TEST_CASE("when there are too many, the oldest is forgotten") {
  Recent<int> recent;
  for (int i = 0; i < 100; i++) {
    recent.remember(digest_of(i), i, now, milliseconds(100), 10);
    recent.remember(digest_of(i), i, now, milliseconds(100), 10);
    CHECK(recent.size() <= 10);
  }
  CHECK(recent.find(digest_of(99), now));
  CHECK(!recent.find(digest_of(0), now));
}

TEST_CASE("what is known already makes no room by forgetting another") {
  Recent<int> recent;
  for (const int number : {1, 2, 2}) recent.remember(digest_of(number), 0, now, milliseconds(9), 2);
  CHECK(recent.find(digest_of(1), now));
  recent.forget(digest_of(2));
  CHECK(!recent.find(digest_of(2), now));
}

TEST_CASE("a limit or a lifetime of nothing remembers nothing and forgets what there was") {
  Recent<int> recent;
  recent.remember(digest_of(1), 1, now, milliseconds(0), 10);
  CHECK(recent.size() == 0);
  recent.remember(digest_of(1), 1, now, milliseconds(100), 10);
  recent.remember(digest_of(1), 1, now, milliseconds(100), 0);
  CHECK(recent.size() == 0);
}

TEST_CASE("a proof is of one row and its hash, and rules out every other password") {
  Proofs proofs;
  CHECK(!proofs.recall(row, Secret("secret"), now).has_value());
  proofs.prove(row, Secret("secret"), now, limits);
  CHECK(proofs.recall(row, Secret("secret"), now) == true);
  CHECK(proofs.recall(row, Secret("secreT"), now) == false);
  CHECK(proofs.recall(row, Secret(""), now) == false);
  CHECK(!proofs.recall({2, "hash", "", false}, Secret("secret"), now).has_value());
  CHECK(!proofs.recall({1, "hasH", "", false}, Secret("secret"), now).has_value());
  CHECK(!proofs.recall({1, "hashs", "", false}, Secret("ecret"), now).has_value());
  CHECK(!proofs.recall(row, Secret("secret"), now + milliseconds(100)).has_value());
}

TEST_CASE("a wrong password is of one user and all rows") {
  Proofs proofs;
  const Secret password("secret");
  const Proofs::Rows rows = {{1, "a", "", false}, {2, "b", "", false}};
  CHECK(!proofs.is_wrong("alice", rows, password, now));
  proofs.refute("alice", rows, password, now, limits);
  CHECK(proofs.is_wrong("alice", rows, password, now));
  CHECK(!proofs.is_wrong("bob", rows, password, now));
  CHECK(!proofs.is_wrong("alice", {rows[0]}, password, now));
  CHECK(!proofs.is_wrong("alice", {{1, "a", "", false}, {2, "c", "", false}}, password, now));
  CHECK(!proofs.is_wrong("alice", rows, Secret("secre"), now));
  CHECK(!proofs.recall(rows[0], password, now).has_value());
}

TEST_CASE("when all is forgotten, it is still known who came from where") {
  Proofs proofs;
  proofs.prove(row, Secret("secret"), now, limits);
  proofs.refute("alice", {row}, Secret("wrong"), now, limits);
  proofs.come("alice", "here", now, limits);
  const auto era = proofs.era();
  proofs.forget_all();
  CHECK(proofs.era() != era);
  CHECK(!proofs.recall(row, Secret("secret"), now).has_value());
  CHECK(!proofs.is_wrong("alice", {row}, Secret("wrong"), now));
  CHECK(proofs.has_come("alice", "here", now));
  CHECK(!proofs.has_come("alice", "there", now));
  proofs.forget_coming("alice", "there");
  CHECK(proofs.has_come("alice", "here", now));
  CHECK(!proofs.has_come("alic", "ehere", now));
  CHECK(!proofs.has_come("bob", "here", now));
}

TEST_CASE("nobody has more than a share, and what is given back can be taken again") {
  auth::Shares shares(2);
  const auto first = shares.take("alice");
  auto second = shares.take("alice");
  CHECK(first);
  CHECK(second);
  CHECK(!shares.take("alice"));
  CHECK(shares.take("bob"));
  second.reset();
  CHECK(shares.take("alice"));
}
