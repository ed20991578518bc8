// Password schemes against known hashes (made by `doveadm pw`, argon2(1) and mkpasswd(1)), and
// hostile rows.
// SPDX-License-Identifier: MIT

#include "cached/auth/hash.h"

#include <crypt.h>
#include <doctest/doctest.h>

#include "cached/auth/cost.h"

namespace {

using auth::hash::verify;
using base::Secret;
using Outcome = auth::hash::Verification::Outcome;

const auth::hash::HashOptions options = config::default_options().hash;

Outcome outcome(std::string_view stored, std::string_view password) {
  const auto verified = verify(stored, Secret(password), options);
  REQUIRE(verified);
  return verified->outcome;
}

std::string problem(std::string_view stored) {
  const auto verified = verify(stored, Secret("secret"), options);
  REQUIRE(verified);
  CHECK(verified->outcome == Outcome::unusable);
  return verified->problem;
}

std::string crypted(const char* setting) {
  crypt_data area{};
  return crypt_r("secret", setting, &area);
}

}  // namespace

TEST_CASE("each scheme verifies what is right and nothing else, with and without its word") {
  const struct {
    const char* words;
    std::string hash;
  } rows[] = {
      {"{ARGON2ID}",
       "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM0NTY$"
       "cgjDW3sW92hlpcDZjp5vwbUFmJaTisOfqz88G4ypUtg"},
      {"{ARGON2I}",
       "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM0NTY$"
       "AUVtl6ykr4EjirVMEjV30uSRrJaxFTlLn2c8a5IjllI"},
      {"{SHA512-CRYPT}", crypted("$6$rounds=1000$saltsalt$")},
      {"{SHA256-CRYPT}", crypted("$5$rounds=1000$saltsalt$")},
      {"{BLF-CRYPT}", crypted("$2y$04$abcdefghijklmnopqrstuu")},
      {"{CRYPT}", crypted("$y$j75$saltsalt$")},
      {"{CRYPT}", crypted("$6$saltsalt$")},
      {"{MD5-CRYPT}", "$1$ldn2qu9K$7cdVTfGD5r3M8mLciARSw."},
      {"{crypt}", crypted("$2y$04$abcdefghijklmnopqrstuu")},
      {"{Crypt}", crypted("$5$saltsalt$")},
  };
  for (const auto& row : rows) {
    CAPTURE(row.hash);
    CHECK(outcome(row.hash, "secret") == Outcome::same);
    CHECK(outcome(row.words + row.hash, "secret") == Outcome::same);
    CHECK(outcome(row.hash, "Secret") == Outcome::different);
    CHECK(outcome(row.hash, "") == Outcome::different);
    CHECK(outcome(row.hash, std::string_view("secret\0", 7)) == Outcome::different);
    CHECK(outcome(row.hash, "secret ") == Outcome::different);
    CHECK(outcome(row.hash, std::string(600, 's')) == Outcome::different);
  }
}

TEST_CASE("schemes that only their word tells are verified with it") {
  auto allowing = options;
  allowing.allow_plain = "yes";
  for (const std::string stored : {
           "{SSHA}2GIKNbeT9th4ayUJlgMH+qQvrwFpCJCE",
           "{SSHA256}SASGKMqFjmx4Od3OHAoOaJgzRGw93LbIHpsqe3VJy93L8rtK",
           "{SSHA512}6YsJ2w0lZ6icKBgsz6uRt2zcDgAMyLHBmG3yKtDE+D19s10YfPGBqC/"
           "VFWmuhxxa99q1gV0kpQosgWNx"
           "u6FEhnFf6+0=",
           "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
           "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
           "{SMD5}On287hmujb8b7t4mD5FGZwNNUCY=",
           "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
           "{PBKDF2}$1$DFIlq4sTnesDpFxv$5000$990ceafd17cfd249d51274b69da1be3e330ab6b2",
           "{plain}secret",
       }) {
    CAPTURE(stored);
    CHECK(verify(stored, Secret("secret"), allowing)->outcome == Outcome::same);
    for (const char* wrong : {"", "Secret", "secret ", "secre"})
      CHECK(verify(stored, Secret(wrong), allowing)->outcome == Outcome::different);
    const std::string bare = stored.substr(stored.find('}') + 1);
    CHECK(verify(bare, Secret("secret"), allowing)->outcome == Outcome::unusable);
  }
}

TEST_CASE("damaged or costly digests are unusable") {
  CHECK(problem("{SSHA}") == "damaged hash");
  CHECK(problem("{SSHA}!!!!") == "damaged hash");
  CHECK(problem("{SSHA}2GIKNbeT9th4ayUJlgMH+qQv") == "damaged hash");
  CHECK(problem("{SSHA512}2GIKNbeT9th4ayUJlgMH+qQvrwFpCJCE") == "damaged hash");
  CHECK(problem("{PBKDF2}$1$salt$5000$990c") == "damaged hash");
  CHECK(problem("{PBKDF2}$1$salt$0$990ceafd17cfd249d51274b69da1be3e330ab6b2") == "damaged hash");
  CHECK(problem("{PBKDF2}$1$salt") == "damaged hash: its cost cannot be read");
  CHECK(problem("{PBKDF2}$1$salt$99999999$990ceafd17cfd249d51274b69da1be3e330ab6b2") ==
        "refused: it asks for 99999999 rounds, allowed are 1000000");
}

TEST_CASE("a hash that we make is verified and differs each time") {
  auto cheap = options;
  cheap.argon2_memory_kib = 64;
  cheap.argon2_passes = 1;
  const auto first = auth::hash::make(Secret("secret"), cheap);
  const auto second = auth::hash::make(Secret("secret"), cheap);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  CHECK(*first != *second);
  CHECK(outcome(*first, "secret") == Outcome::same);
  CHECK(outcome(*first, "secreT") == Outcome::different);
}

TEST_CASE("a word that does not fit its hash is an unknown scheme") {
  CHECK(problem("{SHA256-CRYPT}$6$saltsalt$x") == "unknown scheme");
  CHECK(problem("{MAGIC}$6$saltsalt$x") == "unknown scheme");
}

TEST_CASE("A07 D14: what cannot be verified is unusable and nothing worse") {
  CHECK(problem("") == "unknown scheme");
  CHECK(problem("plain text") == "unknown scheme");
  CHECK(problem("{PLAIN}secret") == "refused: it is not hashed, and [hash] allow_plain is no");
  CHECK(problem("{") == "unknown scheme");
  CHECK(problem("{}") == "unknown scheme");
  CHECK(problem("$") == "unknown scheme");
  CHECK(problem("{CRYPT}$2y$..") == "damaged hash: its cost cannot be read");
  CHECK(problem("$2y$04$short") == "damaged hash");
  CHECK(problem(crypted("$6$saltsalt$").substr(0, 60)) == "damaged hash: its length is wrong");
  CHECK(problem(crypted("$y$j75$saltsalt$").substr(0, 40)) == "damaged hash: its length is wrong");
  CHECK(problem("{}" + crypted("$6$saltsalt$")) == "unknown scheme");
  CHECK(problem("$argon2id$v=19$m=64,t=1,p=1$").starts_with("damaged hash"));
  CHECK(problem("$argon2id$") == "damaged hash: its cost cannot be read");
  CHECK(problem("$y$") == "damaged hash: its cost cannot be read");
  CHECK(problem(std::string("$6$salt\0$x", 10)) == "damaged hash: a NUL in it");
  CHECK(problem(std::string(256, '\xff')) == "unknown scheme");
}

TEST_CASE("a row that asks for too much is refused before it is run") {
  CHECK(problem("$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g") ==
        "refused: it asks for 4194304 KiB of memory, allowed are 262144");
  CHECK(problem("$argon2i$v=19$m=64,t=999999,p=1$c2FsdHNhbHQ$aGFzaGhhc2g") ==
        "refused: it asks for 999999 passes, allowed are 16");
  CHECK(problem("$argon2id$m=64,t=1,p=255$c2FsdHNhbHQ$aGFzaGhhc2g") ==
        "refused: it asks for 255 lanes, allowed are 16");
  CHECK(problem("$6$rounds=999999999$saltsalt$x") ==
        "refused: it asks for 999999999 rounds, allowed are 1000000");
  CHECK(problem("$5$rounds=99999999999999999999$s$x") == "damaged hash: its cost cannot be read");
  CHECK(problem("$2y$31$abcdefghijklmnopqrstuuxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx") ==
        "refused: it asks for 31 as its cost, allowed are 14");
  for (const char* overflow : {"$y$jVw/////$x", "$y$jmw/////$x", "$y$jzzzzzzzzzz$x"})
    CHECK(problem(overflow) == "damaged hash: its cost cannot be read");
  CHECK(problem("$y$jFT$saltsalt$x") ==  // F: 2^18 blocks of 4 KiB
        "refused: it asks for 1048576 KiB of memory, allowed are 262144");
}

TEST_CASE("yescrypt's cost is read as libxcrypt writes it") {
  // crypt_gensalt's cost factors 1..11 mean this much memory (crypt(5)).
  for (unsigned long factor = 1; factor <= 8; factor++) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const char random[17] = "0123456789abcdef";
    REQUIRE(crypt_gensalt_rn("$y$", factor, random, 16, setting, sizeof setting));
    auto limited = options;
    const std::int64_t kib = factor <= 2 ? factor * 1024 : std::int64_t{1024} << (factor - 1);
    limited.max_memory_kib = kib;
    CAPTURE(setting);
    CHECK(auth::hash::check_yescrypt_cost(setting, limited));
    limited.max_memory_kib = kib - 1;
    CHECK(!auth::hash::check_yescrypt_cost(setting, limited));
  }
}
