// The story of a request, on a real store and real hashes, without a socket.
// SPDX-License-Identifier: MIT

#include "cached/auth/authenticate.h"

#include <sqlite3.h>

#include <fstream>

#include "cached/auth/hash.h"
#include "tests/auth/world.h"

using base::Answer;
using base::Request;
using base::Verdict;
using tests::is;
using tests::World;

TEST_CASE("the right app password is let in and named") {
  World world;
  world.add("alice", "one");
  const auto id = world.add("alice", "two");
  world.add("alice", "three");
  const Verdict verdict = world.ask("alice", "two");
  CHECK(is(verdict, Answer::permit));
  REQUIRE(verdict.password);
  CHECK(verdict.password->id == id);
  CHECK(verdict.password->comment == "phone");
}

TEST_CASE("a wrong password, an unknown user and an empty name are denied") {
  World world;
  world.add("alice", "right");
  CHECK(is(world.ask("alice", "wrong"), Answer::deny, "wrong password"));
  CHECK(is(world.ask("alice", ""), Answer::deny, "wrong password"));
  CHECK(is(world.ask("bob", "right"), Answer::deny, "unknown user"));
  CHECK(is(world.ask("", "right"), Answer::deny, "unknown user"));
}

TEST_CASE("A02 D01: a user does not get in with the password of a user whose name is alike") {
  World world;
  world.add("alxice", "secret");
  CHECK(is(world.ask("al_ice", "secret"), Answer::deny, "unknown user"));
  CHECK(is(world.ask("%", "secret"), Answer::deny, "unknown user"));
  CHECK(is(world.ask("ALXICE", "secret"), Answer::deny, "unknown user"));
  CHECK(is(world.ask("alxice", "secret"), Answer::permit));
}

TEST_CASE("a deleted password is denied on the next login and told from a wrong one") {
  World world;
  const auto id = world.add("alice", "old");
  CHECK(is(world.ask("alice", "old"), Answer::permit));
  REQUIRE(world.store->revoke(id));
  const Verdict verdict = world.ask("alice", "old");
  CHECK(is(verdict, Answer::deny, "deleted"));
  REQUIRE(verdict.password);
  CHECK(verdict.password->id == id);
  CHECK(is(world.ask("alice", "wrong"), Answer::deny, "wrong password"));
}

TEST_CASE("a password that was proven is not hashed again, and a wrong one neither") {
  World world;
  world.add("alice", "right");
  CHECK(is(world.ask("alice", "right"), Answer::permit));
  CHECK(is(world.ask("alice", "wrong"), Answer::deny, "wrong password"));
  CHECK(is(world.ask("bob", "any"), Answer::deny, "unknown user"));
  world.options().hash.max_argon2_passes = 0;  // from here on whatever is hashed is unusable
  CHECK(is(world.ask("alice", "right"), Answer::permit));
  CHECK(is(world.ask("alice", "wrong"), Answer::deny, "wrong password"));
  // What is right for the row is known, so that nothing else needs to be tried on it.
  CHECK(is(world.ask("alice", "other"), Answer::deny, "wrong password"));
  world.options().hash.argon2_memory_kib = 0;  // and no decoy can be made
  CHECK(is(world.ask("bob", "any"), Answer::deny, "unknown user"));
  CHECK(world.ask("bob", "other").answer == Answer::later);
  CHECK(world.ask("alice", "one more").answer == Answer::later);  // it costs a decoy all the same
}

TEST_CASE("a deleted row hides no valid one with the same password") {
  World world;
  const auto old = world.add("alice", "secret");
  CHECK(is(world.ask("alice", "secret"), Answer::permit));
  REQUIRE(world.store->revoke(old));
  CHECK(is(world.ask("alice", "secret"), Answer::deny, "deleted"));
  CHECK(is(world.ask("alice", "secret"), Answer::deny, "deleted"));
  const auto id = world.add("alice", "secret");
  const Verdict verdict = world.ask("alice", "secret");
  CHECK(is(verdict, Answer::permit));
  REQUIRE(verdict.password);
  CHECK(verdict.password->id == id);
}

TEST_CASE("the fields of a user are made of the name under which the rows are") {
  World world;
  world.add("alice", "secret");
  world.options().auth.username = "local_part";
  world.options().userdb.home = "/var/vmail/%d/%n";
  for (const char* name : {"Alice", "alice@example.com", "alice@..", "alice@../bob"}) {
    const Verdict verdict = world.ask(name, "secret");
    CHECK(is(verdict, Answer::permit));
    REQUIRE(verdict.fields.size() == 1);
    CHECK(verdict.fields[0].second == "/var/vmail//alice");
  }
}

TEST_CASE("a proof rules nothing out where a part of a password is as good as the whole") {
  World world;
  world.add_hash("alice", "{DES-CRYPT}abJnggxhB/yWI");  // of `password`: the first 8 bytes count
  CHECK(is(world.ask("alice", "password"), Answer::permit));
  CHECK(is(world.ask("alice", "password1"), Answer::permit));
}

TEST_CASE("a user may be looked up in lower case, or without the domain") {
  World world;
  world.add("alice", "secret");
  CHECK(is(world.ask("Alice", "secret"), Answer::deny, "unknown user"));
  world.options().auth.username = "lower";
  CHECK(is(world.ask("Alice", "secret"), Answer::permit));
  CHECK(is(world.ask("alice@example.com", "secret"), Answer::deny, "unknown user"));
  world.options().auth.username = "local_part";
  CHECK(is(world.ask("ALICE@example.com", "secret"), Answer::permit));
  CHECK(is(world.ask("@example.com", "secret"), Answer::deny, "unknown user"));
}

TEST_CASE("nobody is let in to a disabled service") {
  World world;
  world.add("alice", "secret");
  world.options().auth.disabled_services = {"pop3", "IMAP"};
  CHECK(is(world.ask("alice", "secret"), Answer::deny, "service disabled"));
  CHECK(is(world.ask("alice", "", Request::audit), Answer::deny, "service disabled"));
  CHECK(is(world.ask("alice", "", Request::lookup), Answer::permit));
}

TEST_CASE("a right app password is refused from a network it may not come from") {
  World world;
  const auto id = world.add("alice", "secret");
  auto& networks = world.options().auth.disallow_passwords_from;
  networks.push_back(*base::parse_network("192.0.2.77/24"));
  const Verdict verdict = world.ask("alice", "secret");
  CHECK(is(verdict, Answer::deny, "not from this network"));
  REQUIRE(verdict.password);
  CHECK(verdict.password->id == id);
  CHECK(is(world.ask("alice", "wrong"), Answer::deny, "wrong password"));
  world.remote_ip = "::ffff:192.0.2.9";
  CHECK(is(world.ask("alice", "secret"), Answer::deny, "not from this network"));
  world.remote_ip = "192.0.3.1";
  CHECK(is(world.ask("alice", "secret"), Answer::permit));
  world.remote_ip = "";
  CHECK(is(world.ask("alice", "secret"), Answer::permit));
  for (const char* garbage : {"localhost", "192.0.3.1 ", "garbage"}) {  // A09
    world.remote_ip = garbage;
    CHECK(world.ask("alice", "secret").answer == Answer::later);
  }
}

TEST_CASE("after a reload what was proven is hashed again") {
  World world;
  world.add("alice", "right");
  CHECK(is(world.ask("alice", "right"), Answer::permit));
  world.options().hash.max_argon2_passes = 0;
  world.services->hasher.forget_proofs();
  CHECK(world.ask("alice", "right").answer == Answer::later);
}

TEST_CASE("a proven password is refused as soon as its row is deleted, changed or gone") {
  World world;
  const auto deleted = world.add("alice", "one");
  CHECK(is(world.ask("alice", "one"), Answer::permit));
  REQUIRE(world.store->revoke(deleted));
  CHECK(is(world.ask("alice", "one"), Answer::deny, "deleted"));

  const auto sql = [&](const std::string& statement) {
    sqlite3* database = nullptr;
    sqlite3_open(world.options().database.path.c_str(), &database);
    CHECK(sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  };
  const auto other_hash = auth::hash::make(base::Secret("new"), world.options().hash);
  REQUIRE(other_hash);
  world.add("bob", "two");
  CHECK(is(world.ask("bob", "two"), Answer::permit));
  CHECK(is(world.ask("bob", "new"), Answer::deny, "wrong password"));
  sql("UPDATE app_passwords SET password = '" + *other_hash + "' WHERE uid = 'bob'");
  CHECK(is(world.ask("bob", "two"), Answer::deny, "wrong password"));
  CHECK(is(world.ask("bob", "new"), Answer::permit));  // what was wrong a moment ago is now right
  sql("DELETE FROM app_passwords WHERE uid = 'bob'");
  CHECK(is(world.ask("bob", "new"), Answer::deny, "unknown user"));
}

TEST_CASE("A07: an unusable row does not keep others from being tried") {
  World world;
  world.add("alice", "good");
  world.add_hash("alice", "{CRYPT}$2y$..");
  CHECK(is(world.ask("alice", "good"), Answer::permit));
  CHECK(is(world.ask("alice", "bad"), Answer::deny, "wrong password"));
}

TEST_CASE("a user of whom no row can be verified is told to try later") {
  World world;
  world.add_hash("alice", "{MAGIC}xyz");
  CHECK(is(world.ask("alice", "any"), Answer::later, "none of the app passwords can be verified"));
}

TEST_CASE("a user with more app passwords than the limit is told to try later") {
  World world;
  world.options().limits.passwords = 2;
  for (const char* password : {"a", "b", "c"}) world.add("alice", password);
  CHECK(is(world.ask("alice", "a"), Answer::later, "more app passwords than [limits] passwords"));
}

TEST_CASE("a broken database is try later, and whole again the next login succeeds") {
  World world;
  world.add("alice", "secret");
  world.store.reset();  // the last to close moves what is in the WAL into the file
  const std::string path = world.options().database.path;
  std::filesystem::rename(path, path + ".away");
  CHECK(world.ask("alice", "secret").answer == Answer::later);
  CHECK(world.ask("bob", "secret").answer == Answer::later);
  std::ofstream(path) << std::string(8192, 'x');
  CHECK(world.ask("alice", "secret").answer == Answer::later);
  std::filesystem::rename(path + ".away", path);
  CHECK(is(world.ask("alice", "secret"), Answer::permit));
}

TEST_CASE("C07 C08: a refused use is written with its refusal and is no last use") {
  World world;
  world.add("alice", "right");
  const auto id = world.add("alice", "gone");
  REQUIRE(world.store->revoke(id));
  CHECK(is(world.ask("alice", "wrong"), Answer::deny, "wrong password"));
  CHECK(is(world.ask("alice", "gone"), Answer::deny, "deleted"));
  world.options().auth.disallow_passwords_from = {*base::parse_network("192.0.2.0/24")};
  CHECK(is(world.ask("alice", "right"), Answer::deny, "not from this network"));
  world.stop();
  for (const auto& row : *world.store->list("alice")) CHECK(row.last_used.empty());
  CHECK(world.uses() == std::vector<std::string>{"deny deleted", "deny not from this network"});
  world.start();
  world.options().auth.disallow_passwords_from.clear();
  CHECK(is(world.ask("alice", "right"), Answer::permit));
  world.stop();
  CHECK(!world.store->list("alice")->front().last_used.empty());
  CHECK(world.store->list("alice")->back().last_used.empty());
  CHECK(world.uses().back() == "permit ");
  world.start();
}

TEST_CASE("a lookup finds who has or had an app password, and logs nobody in") {
  World world;
  world.options().userdb.home = "/home/%n of %d is 100%%";
  world.options().userdb.uid = "8";
  const auto id = world.add("alice@example.com", "secret");
  const Verdict found = world.ask("alice@example.com", "", Request::lookup);
  CHECK(is(found, Answer::permit));
  using Fields = std::vector<std::pair<std::string, std::string>>;
  CHECK(found.fields ==
        Fields{{"userdb_uid", "8"}, {"userdb_home", "/home/alice of example.com is 100%"}});
  CHECK(is(world.ask("bob", "", Request::lookup), Answer::deny, "unknown user"));
  REQUIRE(world.store->revoke(id));
  CHECK(is(world.ask("alice@example.com", "", Request::lookup), Answer::permit));
}

TEST_CASE("an audit does not look at the password") {
  World world;
  CHECK(is(world.ask("alice", "", Request::audit), Answer::permit));
}

TEST_CASE("more requests at the same time than the limit are told to try later") {
  World world;
  world.options().limits.requests = 1;
  world.services->requests = 1;
  CHECK(is(world.ask("alice", "x"), Answer::later, "[limits] requests: too many at the same time"));
  world.services->requests = 0;
  CHECK(is(world.ask("alice", "x"), Answer::deny, "unknown user"));
}

TEST_CASE("a request that takes too long is told to try later and does no harm afterwards") {
  World world;
  world.options().limits.request_time = std::chrono::milliseconds(1);
  world.options().hash.argon2_memory_kib = 65536;
  world.options().hash.argon2_passes = 4;
  CHECK(is(world.ask("nobody", "x"), Answer::later, "[limits] request_time: took too long"));
  while (loop::roots() > 0) uv_run(&world.loop.loop, UV_RUN_ONCE);
  CHECK(world.services->requests == 0);
}

TEST_CASE("a full hashing lane is try later and never a wrong password") {
  World world;
  world.stop();
  world.options().hash.threads = 1;
  world.options().hash.queue = 0;
  world.options().hash.argon2_memory_kib = 32768;  // longer than all of them need to arrive
  world.options().hash.argon2_passes = 4;
  world.start();
  world.add("alice", "a");
  world.add("alice", "b");
  std::vector<std::optional<Verdict>> verdicts(8);
  for (auto& verdict : verdicts) {
    auto login = std::make_shared<base::Login>();
    login->user = "alice";
    login->password = base::Secret("b");
    loop::spawn(
        tests::TestLoop::keep(auth::answer(*world.services, world.snapshot, login), verdict));
  }
  while (loop::roots() > 0) uv_run(&world.loop.loop, UV_RUN_ONCE);
  int permitted = 0;
  for (const auto& verdict : verdicts) {
    REQUIRE(verdict);
    CHECK(verdict->answer != Answer::deny);
    permitted += verdict->answer == Answer::permit;
  }
  CHECK(permitted >= 1);
  CHECK(permitted < 8);
}
