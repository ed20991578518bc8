// Password schemes against known hashes (made by `doveadm pw`, argon2(1) and mkpasswd(1)), and
// hostile rows.
// SPDX-License-Identifier: MIT

#include "cached/auth/hash.h"

#include <crypt.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <limits>

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

const auth::hash::HashOptions allowing = [] {
  auto changed = options;
  changed.allow_plain = "yes";
  return changed;
}();

constexpr char user[] = "jim@example.org";

// Why a row is refused, which must not take long.
std::string problem(std::string_view stored, const auth::hash::HashOptions& how = options) {
  const std::clock_t start = std::clock();
  const auto verified = verify(stored, Secret("secret"), how, user);
  CHECK((std::clock() - start) * 5 < CLOCKS_PER_SEC);
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
      {"{CRYPT}", crypted("$gy$j75$saltsalt$")},
      {"{CRYPT}", crypted("$7$86..../....saltsalt$")},
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
  constexpr char undecodable[] = "damaged hash: it is not base64 or hex of the right length";
  constexpr char unsalted[] = "damaged hash: there is no salt behind it";
  CHECK(problem("{SSHA}!!!!") == undecodable);
  CHECK(problem("{SSHA.foo}2GIKNbeT9th4ayUJlgMH+qQvrwFpCJCE") == "unknown scheme");
  CHECK(problem("{SSHA}2GIKNbeT9th4ayUJlgMH+qQv") == unsalted);
  CHECK(problem("{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=") == unsalted);
  CHECK(problem("{SSHA512}2GIKNbeT9th4ayUJlgMH+qQvrwFpCJCE") == unsalted);
  CHECK(problem("{SHA}2GIKNbeT9th4ayUJlgMH+qQvrwFpCJCE") == undecodable);
  CHECK(problem("{PLAIN-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ") == undecodable);
  CHECK(problem("{PLAIN-MD5.b64}5ebe2294ecd0e0f08eab7690d2a6ee69") == undecodable);
  CHECK(problem("{PLAIN-MD5.hex}5ebe2294ecd0e0f08eab7690d2a6ee6") == undecodable);
  CHECK(problem("{MD5.hex}5ebe2294ecd0e0f08eab7690d2a6ee69ff") == undecodable);
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

TEST_CASE("what doveadm pw makes is verified, in each encoding") {
  const struct {
    std::string stored;
    std::string password = "secret";
  } rows[] = {
      {"{BLF-CRYPT}$2y$05$oDUzeBjrcMS2BtEolkf1Ce6vDUxCX3.wOxe29iYspYVs2dzwB8Sdm"},
      {"{BLF-CRYPT.BASE64}JDJ5JDA1JEFWZE14OGlKZVpqR1dQMFFYOW54VGU5N3ZPdGlacjBSM200NnhtVUd1Zk"
       "1hN1BNNlE4UTVl"},
      {"{CLEAR}secret"},
      {"{CLEAR.HEX}736563726574"},
      {"{CLEARTEXT}secret"},
      {"{CLEARTEXT.B64}c2VjcmV0"},
      {"{CRAM-MD5}cd3ba7deaad6e5ca23448ba42e379747a9e0f7f1fbc00c8a81bbaac395731b56"},
      {"{CRAM-MD5.BASE64}zTun3qrW5cojRIukLjeXR6ng9/H7wAyKgbuqw5VzG1Y="},
      {"{CRYPT}$2y$05$B95o4.p9m5vhvZDzLh9Qoe6UxGyfzgy2ZgP5YlBSx9Hc7F6kphSVi"},
      {"{CRYPT.HEX}24327924303524426f4b683771564968474a64573758764d75324d304f4a4d6a6b7852746"
       "e703539716979454e56536d426b3169706f5358314e612e"},
      {"{DES-CRYPT}v98qTuRiMbxGE"},
      {"{DES-CRYPT.B64}aEZQMUNtcWZvUm5wQQ=="},
      {"{DIGEST-MD5}4d615c7aa9dc9f2ab01d6e22d72be09c"},
      {"{DIGEST-MD5.BASE64}TWFceqncnyqwHW4i1yvgnA=="},
      {"{HMAC-MD5}cd3ba7deaad6e5ca23448ba42e379747a9e0f7f1fbc00c8a81bbaac395731b56"},
      {"{HMAC-MD5.HEX}cd3ba7deaad6e5ca23448ba42e379747a9e0f7f1fbc00c8a81bbaac395731b56"},
      {"{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ=="},
      {"{LDAP-MD5.B64}Xr4ilOzQ4PCOq3aQ0qbuaQ=="},
      {"{MD5}$1$o/EOj73m$ORS3ngxB4Sy/Xcapg3xS6/"},
      {"{MD5.BASE64}JDEkLnJGUnYxcUokbGZPUUIwOXRBQWxSTENpNmtLa1JZMQ=="},
      {"{MD5-CRYPT}$1$dpWPNVrm$HSj7t4ehTSPOcpbc56sdi."},
      {"{MD5-CRYPT.HEX}243124384149747961304a24734a2e56376c55426e5549554f6d4158763432417831"},
      {"{OTP}sha1 1024 19e503487c92e3fa eba2cca3fd64cf49"},
      {"{OTP.B64}c2hhMSAxMDI0IDA0NjQ2MTVjZjdkOTA2MWYgMGI1NDJjZjI1OWU2MDIxMQ=="},
      {"{PBKDF2}$1$5aNVxFSY/H6jRT20$5000$3e342886defb9763ed0bd4a3029da307c06d86fb"},
      {"{PBKDF2.BASE64}JDEkY1RQM1NXeDZpRG13UjVETiQ1MDAwJGE3NmYzMjNiY2IzN2Q3MzRmNTc3NzliNzg4M"
       "DI1NzFkMDM2NzI0YTg="},
      {"{PLAIN}secret"},
      {"{PLAIN.HEX}736563726574"},
      {"{PLAIN-MD4}67d3dafef63ff00603aeef3769cfbf0d"},
      {"{PLAIN-MD4.B64}Z9Pa/vY/8AYDru83ac+/DQ=="},
      {"{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69"},
      {"{PLAIN-MD5.BASE64}Xr4ilOzQ4PCOq3aQ0qbuaQ=="},
      {"{SCRAM-SHA-1}4096,ocoWKFkRuB/TFZlfmIgjAw==,M7nexjEnnNjQA9EJ6WIRwPcGQDk=,ryILnf2+7BSt"
       "gKuKhVuAmP6aHJY="},
      {"{SCRAM-SHA-1.HEX}343039362c4370716348626e395a74534157376d6c68536d6d6f413d3d2c5a67746"
       "2725a2f6b746d72773631353848683776426f2f2b4e79773d2c714a75545032523943367558794643794"
       "87178567374704c4d32303d"},
      {"{SCRAM-SHA-256}4096,CuvRODYyy0s6sh4d0Wgy+Q==,lfBxr9VbBQm/WULzSnLi1dWKJxtmxEqjhpJ/TN3"
       "j9Lc=,U35+vVHSd3Dc9rH70l5T5Ytr/rvOTElX+Lzb2G2B4cw="},
      {"{SCRAM-SHA-256.B64}NDA5NixhMkFTSVVyOFdrM21SL3RhQkF5TXBRPT0sMDNMMXl3YnM2eFVNVENuQXV0b"
       "1luOTk2SXZGUnpkTGovakdhLzN1VDlTMD0sdjJ5RlBURk52V1kySGJHeTRub1JhN1J6ZGxaZjkyNFJ6S2Zic"
       "nJIUm1iND0="},
      {"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="},
      {"{SHA.BASE64}5en6G6MezRroT3XKqkdPOmY/BfQ="},
      {"{SHA1}5en6G6MezRroT3XKqkdPOmY/BfQ="},
      {"{SHA1.HEX}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"},
      {"{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols="},
      {"{SHA256.B64}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols="},
      {"{SHA256-CRYPT}$5$23ShQ8etflOlJmkb$0tRj5rG.FdxSQbnfj5YmCa/DjLHjfWiMKEZYX3dbx71"},
      {"{SHA256-CRYPT.BASE64}JDUkUmtpcTRqVk1RazN3Qnl0dyRHOVQzNnV4VmVuWmtEbUlvUE0wTEt2aGNsdmZ"
       "4MDcyNGo3RlhkTnd4UE1C"},
      {"{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufK"
       "RpayrW/isg=="},
      {"{SHA512.HEX}bd2b1aaf7ef4f09be9f52ce2d8d599674d81aa9d6a4421696dc4d93dd0619d682ce56b4d"
       "64a9ef097761ced99e0f67265b5f76085e5b0ee7ca4696b2ad6fe2b2"},
      {"{SHA512-CRYPT}$6$gv46aePUTBKmttiS$gJplOzicKfAun4RX2BWFCRw56nvseJJxGKpOW9hmlTis2J/Y0t"
       "DR/0cEiKEfTQ8EsRyB2/7uMDiVcWlc3JQUz0"},
      {"{SHA512-CRYPT.B64}JDYkWGYvaUgvd3NCaTBXVXBRcCRLSFpVZnRuNGR4VnhtN3pjV0pCSDRBNmNvR1RkSF"
       "JxSHUvZXVPRkdaNEg3NkxRSjdKUVdjUlhFYlBLRU9wSEZyem1FcnFWR2ZLY3F3SkNkUmxrOGRhMA=="},
      {"{SMD5}QOvAQNfbm0gEGjW1lMkHC3VS8K4="},
      {"{SMD5.BASE64}XB+OGkn69vqHQvILZNNQ1JTlvuo="},
      {"{SSHA}EqrOAKR6rr3LWhij9g5n3Bcm0x/j0pbm"},
      {"{SSHA.HEX}c340c3abbf350593db2ceda12fbe9f0a15742462474e3589"},
      {"{SSHA256}faM6dhHiEu8a8nNbYoEPJuOmd4C7tln6FeG8Y9Sahmnpejpv"},
      {"{SSHA256.B64}QFzvVECjKl9b9BXAmHjcn9nMxU/QEWdJZWA2W6CgIKS0W6q+"},
      {"{SSHA512}0swGb/aBXJcJ86r+jjc44Mww6on/scrqC+dPuDUpO1u77F2L4ySsbN7y1XnqqXzG0xOUqOdPoWC"
       "Hq/CtLjIOE+dCFZo="},
      {"{SSHA512.BASE64}nBrN/azjucJtg2/xD21D+XG3abCcu/4ZWln8wm/xUr8vr6bnNlDNQr5RPof365eDs3dH"
       "jMWqs3imHHg7KqjL90j/Zak="},
      {"{CRAM-MD5}d7f7b1c7b21ce7006dac3068348dd5f7ca074aae2d6aa4359cd4d741fcd1f87f",
       "a much longer password than the 64 bytes of a block of MD5 or of SHA-1 are"},
      {"{SCRAM-SHA-1}4096,i9nKtx+ZdEhB/GZehgBU/g==,jkliVnKDCzSGXkOH2QuBzC9Vrxs=,XA23BHRsp08m"
       "ZmhWLogMSYJUlXw=",
       "a much longer password than the 64 bytes of a block of MD5 or of SHA-1 are"},
      {"{SCRAM-SHA-256}4096,KUme6TElDGKS/n8XxqHjlw==,sft1aUhZvPAt6G5klpIOB6A9v00wWnGeEw6bgMq"
       "3i5E=,SjqNE5iRQJhLxQ1mOTgn2gQdtEuwNkEvqFuzRBoT9Hk=",
       "a much longer password than the 64 bytes of a block of MD5 or of SHA-1 are"},
      {"{PBKDF2}$1$eRvyCmriZeUtJQ.G$5000$7de5cf3c52de449f7d60dea2445caa57be3ba7ad",
       "a much longer password than the 64 bytes of a block of MD5 or of SHA-1 are"},
      {"{DES-CRYPT}VClZh4Vw9zonA", "pässwört"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.stored);
    const auto found = [&](std::string_view password) {
      const auto verified = verify(row.stored, Secret(password), allowing, user);
      REQUIRE(verified);
      return verified->outcome;
    };
    const std::string& right = row.password;
    CHECK(found(right) == Outcome::same);
    CHECK(found("S" + right.substr(1)) == Outcome::different);
    CHECK(found("") == Outcome::different);
    CHECK(found("x" + right) == Outcome::different);
    CHECK(found(right.substr(1)) == Outcome::different);
    CHECK(found(std::string(5000, 's')) == Outcome::different);
    if (auth::hash::reads_whole_password(row.stored)) {
      CHECK(found(right + "x") == Outcome::different);
      CHECK(found(right + " ") == Outcome::different);
      CHECK(found(right + std::string(1, '\0')) == Outcome::different);
    }
    std::string lower = row.stored;
    const auto brace = lower.find('}');
    std::transform(lower.begin(), lower.begin() + static_cast<std::ptrdiff_t>(brace), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    CHECK(verify(lower, Secret(right), allowing, user)->outcome == Outcome::same);
  }
}

TEST_CASE("schemes of older Dovecots are verified") {
  // The hashes of LAN Manager and NT for "password" and "secret"; RFC 2289, appendix C.
  const auto found = [](std::string_view stored, std::string_view password) {
    return verify(stored, Secret(password), options)->outcome;
  };
  CHECK(found("{NTLM}8846f7eaee8fb117ad06bdd830b7586c", "password") == Outcome::same);
  CHECK(found("{NTLM}8846F7EAEE8FB117AD06BDD830B7586C", "Password") == Outcome::different);
  CHECK(found("{NTLM}878d8014606cda29677a44efa1353fc7", "secret") == Outcome::same);
  CHECK(found("{LANMAN}e52cac67419a9a224a3b108f3fa6cb6d", "password") == Outcome::same);
  CHECK(found("{LANMAN}e52cac67419a9a224a3b108f3fa6cb6d", "PassWord") == Outcome::same);
  CHECK(found("{LANMAN}e52cac67419a9a224a3b108f3fa6cb6d", "passwort") == Outcome::different);
  CHECK(found("{LANMAN}aad3b435b51404eeaad3b435b51404ee", "x") == Outcome::different);
  CHECK(found("{RPA}2e1e3faa2ed9dabed2d2d02d94746cf3", "secret") == Outcome::same);
  CHECK(found("{RPA}2e1e3faa2ed9dabed2d2d02d94746cf3", "secreT") == Outcome::different);
  CHECK(found("{SKEY}md4 99 TeSt C5E612776E6C237A", "This is a test.") == Outcome::same);
  CHECK(found("{SKEY}md4 98 TeSt C5E612776E6C237A", "This is a test.") == Outcome::different);
}

TEST_CASE("one-time passwords are those of RFC 2289") {
  for (const std::string stored :
       {"{OTP}md4 0 TeSt D1854218EBBB0B51", "{OTP}md4 1 TeSt 63473EF01CD0B444",
        "{OTP}md5 0 TeSt 9E876134D90499DD", "{OTP}md5 99 TeSt 50FE1962C4965880",
        "{OTP}sha1 0 TeSt BB9E6AE1979D8FF4", "{OTP}sha1 99 TeSt 87FEC7768B73CCF9"}) {
    CAPTURE(stored);
    CHECK(outcome(stored, "This is a test.") == Outcome::same);
    CHECK(outcome(stored, "This is a test") == Outcome::different);
  }
}

TEST_CASE("DIGEST-MD5 depends on the user's name, the realm being behind its last @") {
  const auto found = [](std::string_view stored, std::string_view name) {
    return verify(stored, Secret("secret"), options, name)->outcome;
  };
  constexpr char with_realm[] = "{DIGEST-MD5}4d615c7aa9dc9f2ab01d6e22d72be09c";
  CHECK(found(with_realm, "jim@example.org") == Outcome::same);
  CHECK(found(with_realm, "Jim@example.org") == Outcome::different);
  CHECK(found(with_realm, "jim") == Outcome::different);
  CHECK(found("{DIGEST-MD5}0de88d8a5ae77e144020f34c46daff70", "jim") == Outcome::same);
  CHECK(found("{DIGEST-MD5}ca5822120e232811fd8d143e9de0067e", "jim@a@b") == Outcome::same);
  CHECK(!verify(with_realm, Secret("secret"), options));  // not a matter of the password
}

TEST_CASE("PLAIN-TRUNC takes what is longer for a password of just its length") {
  const auto found = [](std::string_view stored, std::string_view password) {
    return verify(stored, Secret(password), allowing)->outcome;
  };
  CHECK(found("{PLAIN-TRUNC}6-secret", "secret") == Outcome::same);
  CHECK(found("{PLAIN-TRUNC}6-secret", "secretxyz") == Outcome::same);
  CHECK(found("{PLAIN-TRUNC}6-secret", "secre") == Outcome::different);
  CHECK(found("{PLAIN-TRUNC}9-secret", "secret") == Outcome::same);
  CHECK(found("{PLAIN-TRUNC}9-secret", "secretabcd") == Outcome::different);
  CHECK(found("{PLAIN-TRUNC}3-secret", "secret") == Outcome::same);
  CHECK(found("{PLAIN-TRUNC}3-secret", "sec") == Outcome::different);
  CHECK(problem("{PLAIN-TRUNC}0-", allowing) == "refused: any password would be right");
  CHECK(problem("{PLAIN-TRUNC}secret", allowing) ==
        "damaged hash: {PLAIN-TRUNC} has no length before it");
  CHECK(problem("{PLAIN-TRUNC}6-secret") ==
        "refused: it is not hashed, and [hash] allow_plain is no");
}

TEST_CASE("schemes that look at a part of the password say so, and no others") {
  using auth::hash::reads_whole_password;
  for (const std::string part :
       {"{DES-CRYPT}D3HKItVSld.WI", "{CRYPT}D3HKItVSld.WI", "{PLAIN-TRUNC}6-secret",
        "{LANMAN}e52cac67419a9a224a3b108f3fa6cb6d", "$2y$05$x", "{BLF-CRYPT}$2a$05$x",
        "{CRYPT}$2b$05$x", "{crypt.b64}JDJ5JDA1JHg=", "{PLAIN-TRUNC.hex}362d78"}) {
    CAPTURE(part);
    CHECK(!reads_whole_password(part));
  }
  for (const std::string whole :
       {"{PLAIN}secret", "{SSHA}x", "{CRYPT}$6$x", "$argon2id$x", "$y$x", "{OTP}x", "{MD5}$1$x",
        "{SCRAM-SHA-1}x", "{CRAM-MD5}x", "{DIGEST-MD5}x", "{NTLM}x", "", "x", "{MAGIC}x"}) {
    CAPTURE(whole);
    CHECK(reads_whole_password(whole));
  }
}

TEST_CASE("a hash tells how much memory it takes") {
  using auth::hash::memory_kib;
  CHECK(memory_kib("$argon2id$v=19$m=65536,t=3,p=1$x$y") == 65536);
  CHECK(memory_kib("{ARGON2I}$argon2i$v=19$m=64,t=3,p=1$x$y") == 64);
  CHECK(memory_kib("$y$j9T$salt$x") == 16384);
  CHECK(memory_kib("{CRYPT}$gy$j9T$salt$x") == 16384);
  CHECK(memory_kib("$7$CU..../....salt$x") == 65536);
  CHECK(memory_kib("$7$zzzzzz/....salt$x") == std::numeric_limits<std::int64_t>::max());
  CHECK(memory_kib("{CRYPT.b64}JHkkajlUJHNhbHQkeA==") == 16384);
  for (const char* none :
       {"", "x", "{SSHA}x", "$6$x", "$y$", "$argon2id$m=x$", "$argon2id$m=-1,t=1,p=1$", "$7$", "{"})
    CHECK(memory_kib(none) == 0);
}

TEST_CASE("hostile rows are refused at once") {
  constexpr char rounds[] = "refused: it asks for 2147483647 rounds, allowed are 1000000";
  CHECK(problem("{SCRAM-SHA-1}2147483647,QQ==,QQ==,QQ==") == rounds);
  CHECK(problem("{SCRAM-SHA-256}2147483647,QQ==,QQ==,QQ==") == rounds);
  CHECK(problem("{PBKDF2}$1$salt$2147483647$990ceafd17cfd249d51274b69da1be3e330ab6b2") == rounds);
  CHECK(problem("{OTP}sha1 2147483647 ed33789b6916d928 fe8220815346e9ce") == rounds);
  for (const char* negative :
       {"{OTP}sha1 -1 ed33789b6916d928 fe8220815346e9ce", "$6$rounds=-1$salt$x",
        "$argon2id$v=19$m=-64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "$2y$-4$x"})
    CHECK(problem(negative) == "damaged hash: its cost cannot be read");
  CHECK(problem("{OTP}sha1 0 ed33789b6916d928") == "damaged hash");
  CHECK(problem("{OTP}sha3 0 ed33789b6916d928 fe8220815346e9ce") == "damaged hash");
  CHECK(
      problem("$7$zzzzzz/....salt$x").starts_with("refused: it asks for 9223372036854775807 KiB"));
  CHECK(problem("$7$CU....zzzzzsalt$x") == "refused: it asks for more than one pass of scrypt");
  CHECK(problem("$7$C....../....salt$x") == "damaged hash: its cost cannot be read");
  CHECK(problem("$gy$jFT$saltsalt$x") ==
        "refused: it asks for 1048576 KiB of memory, allowed are 262144");
  for (const char* cheap : {"$y$j75$!$x", "$y$j75$saltx$x", "$gy$j75$!$x", "$y$jz$saltsalt$x"})
    CHECK(problem(cheap).starts_with("damaged hash"));
  CHECK(problem(std::string(40, '\x01')) == "unknown scheme");
  CHECK(problem("{SSHA}" + std::string(40, '\xfe')).starts_with("damaged hash"));
}

TEST_CASE("each scheme refuses nothing, junk and binary") {
  for (const std::string prefix : {"{ARGON2ID}",
                                   "{ARGON2I}",
                                   "{SHA512-CRYPT}",
                                   "{SHA256-CRYPT}",
                                   "{BLF-CRYPT}",
                                   "{CRYPT}",
                                   "{MD5-CRYPT}",
                                   "{DES-CRYPT}",
                                   "{MD5}",
                                   "{PBKDF2}",
                                   "{SSHA}",
                                   "{SSHA256}",
                                   "{SSHA512}",
                                   "{SMD5}",
                                   "{SHA}",
                                   "{SHA1}",
                                   "{SHA256}",
                                   "{SHA512}",
                                   "{PLAIN-MD5}",
                                   "{LDAP-MD5}",
                                   "{PLAIN-MD4}",
                                   "{SCRAM-SHA-1}",
                                   "{SCRAM-SHA-256}",
                                   "{CRAM-MD5}",
                                   "{HMAC-MD5}",
                                   "{DIGEST-MD5}",
                                   "{OTP}",
                                   "{SKEY}",
                                   "{NTLM}",
                                   "{LANMAN}",
                                   "{RPA}",
                                   "{PLAIN-TRUNC}",
                                   "{SSHA.hex}",
                                   "{CRYPT.b64}",
                                   "$argon2id$",
                                   "$argon2i$",
                                   "$6$",
                                   "$5$",
                                   "$2y$",
                                   "$2b$",
                                   "$2a$",
                                   "$y$",
                                   "$gy$",
                                   "$7$",
                                   "$1$",
                                   "{CRYPT}$y$j9T$",
                                   "{CRYPT}$7$CU..../....",
                                   "$6$rounds=1000$",
                                   "$2y$05$",
                                   "{PBKDF2}$1$",
                                   "{OTP}sha1 0 ",
                                   "{CRYPT}$zzz$"}) {
    CAPTURE(prefix);
    for (const std::string& junk :
         {std::string(), std::string(256, '$'), std::string(256, 'Q'), std::string(256, ','),
          std::string(256, '-'), std::string(256, '9'), std::string(256, '\xff'),
          std::string(40, '\0'), std::string(256, '=')}) {
      CAPTURE(junk);
      if (junk.starts_with('9') || junk.starts_with('Q')) {
        // Some junk is a hash: of nobody's password.
        const auto verified = verify(prefix + junk, Secret("secret"), allowing, user);
        CHECK((!verified || verified->outcome != Outcome::same));
        continue;
      }
      CHECK(problem(prefix + junk, allowing).size() > 10);
    }
  }
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
    const auto cost = auth::hash::yescrypt_cost(setting);
    REQUIRE(cost);
    CHECK(auth::hash::allowed(*cost, limited));
    limited.max_memory_kib = kib - 1;
    CHECK(!auth::hash::allowed(*cost, limited));
  }
}

TEST_CASE("a password in the clear is told from a hash, so that it is not kept") {
  for (const char* clear :
       {"{PLAIN}x", "{clear}x", "{CLEARTEXT}x", "{PLAIN.b64}eA==", "{PLAIN-TRUNC}1-x"})
    CHECK_MESSAGE(auth::hash::is_in_clear(clear), clear);
  for (const char* hashed : {"$6$salt$hash", "{SHA256}x", "{PLAIN-MD5}x", "{MAGIC}x", ""})
    CHECK_MESSAGE(!auth::hash::is_in_clear(hashed), hashed);
}
