// Which verifications are run, in which order, and who is told that there is no room.
// SPDX-License-Identifier: MIT

#include "cached/auth/hasher.h"

#include "tests/loop/test_loop.h"

namespace {

using auth::Attempt;
using auth::Hasher;
using stores::AppPassword;

constexpr std::int64_t slow = 65536;  // a verification takes longer than a few lines of a test

struct World {
  tests::TestLoop loop;
  auth::hash::HashOptions options = config::default_options().hash;
  std::unique_ptr<Hasher> hasher;
  std::string finished;  // a letter for each attempt, in the order in which they ended
  std::string refused;   // the letters of those who could not be told
  std::string right;     // and of those whose password was found

  explicit World(std::int64_t argon2_memory_kib = 64) {
    options.argon2_memory_kib = argon2_memory_kib;
    options.argon2_passes = 1;
    options.threads = 1;
  }
  void start() { hasher = std::make_unique<Hasher>(&loop.loop, options); }

  std::vector<AppPassword> rows(const std::vector<std::string>& passwords) const {
    std::vector<AppPassword> all;
    for (const std::string& password : passwords) {
      auto hash = auth::hash::make(base::Secret(password), options);
      REQUIRE(hash);
      all.push_back({static_cast<std::int64_t>(all.size() + 1), *hash, "", false});
    }
    return all;
  }

  static base::Login login(const std::string& user, const std::string& password,
                           const std::string& remote_ip) {
    base::Login made;
    made.user = user;
    made.password = base::Secret(password);
    made.remote_ip = remote_ip;
    return made;
  }

  // How many hashings one attempt cost.
  std::uint64_t cost(const std::vector<AppPassword>& all, const std::string& password, bool found) {
    const auto before = hasher->hashed();
    const base::Login made = login("alice", password, "192.0.2.1");
    const std::string user = "alice";
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const std::vector<std::int64_t> order;
    const Attempt attempt{made, user, all, order, options, soon};
    const auto match = loop.result_of(hasher->match(attempt));
    REQUIRE(match);
    CHECK((*match != nullptr) == found);
    return hasher->hashed() - before;
  }

  static loop::Task<void> try_one(World& world, char letter, std::string user, std::string address,
                                  std::string password, const std::vector<AppPassword>& all) {
    const base::Login made = login(user, password, address);
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const std::vector<std::int64_t> order;
    const Attempt attempt{made, user, all, order, world.options, soon};
    const auto found = co_await world.hasher->match(attempt);
    world.finished += letter;
    if (!found) world.refused += letter;
    if (found && *found) world.hasher->welcome(user, address, world.options);
    if (found && *found) world.right += letter;
  }
  void spawn(char letter, const std::string& user, const std::string& address,
             const std::string& password, const std::vector<AppPassword>& all) {
    loop::spawn(try_one(*this, letter, user, address, password, all));
  }
  void run() { uv_run(&loop.loop, UV_RUN_DEFAULT); }
};

}  // namespace

TEST_CASE("the worst case: what a wrong password costs a user with 20 app passwords") {
  World world;
  world.start();
  std::vector<std::string> passwords;
  for (int i = 0; i < 20; i++) passwords.push_back("right" + std::to_string(i));
  const auto rows = world.rows(passwords);
  CHECK(world.cost(rows, "wrong", false) == 20);
  CHECK(world.cost(rows, "wrong", false) == 0);  // the same again
  CHECK(world.cost(rows, "right0", true) == 1);
  CHECK(world.cost(rows, "right0", true) == 0);
  CHECK(world.cost(rows, "right4", true) == 4);  // the first is in use, and not tried again
  CHECK(world.cost(rows, "other", false) == 18);
  for (const std::string& password : passwords) world.cost(rows, password, true);
  CHECK(world.cost(rows, "another", false) == 1);  // a decoy: in time this looks as any other
  world.hasher->forget_proofs();
  CHECK(world.cost(rows, "another", false) == 20);
}

TEST_CASE("who was let in from an address before goes before strangers") {
  World world(slow);
  world.start();
  const auto rows = world.rows({"secret"});
  world.spawn('a', "alice", "2001:db8::1", "secret", rows);
  world.run();
  world.hasher->forget_proofs();
  world.spawn('1', "bob", "192.0.2.1", "wrong", rows);
  world.spawn('2', "bob", "192.0.2.2", "wrong", rows);
  world.spawn('3', "alice", "192.0.2.3", "wrong", rows);
  world.spawn('a', "alice", "2001:db8::2", "secret", rows);  // the same network of 64 bits
  world.run();
  REQUIRE(world.finished.size() == 5);
  CHECK(world.finished.find('a', 1) < 3);  // at most behind the one that was inside
  CHECK(world.refused.empty());
}

TEST_CASE("who has tried a wrong password is a stranger again") {
  World world(slow);
  world.start();
  const auto rows = world.rows({"secret"});
  world.spawn('m', "mallory", "192.0.2.1", "secret", rows);
  world.run();
  world.spawn('m', "mallory", "192.0.2.1", "wrong", rows);
  world.run();
  world.spawn('1', "alice", "192.0.2.2", "wrong", rows);
  world.spawn('2', "alice", "192.0.2.3", "wrong", rows);
  world.spawn('m', "mallory", "192.0.2.1", "wrong too", rows);
  world.run();
  CHECK(world.finished == "mm12m");
}

TEST_CASE("one address waits its turn however many logins it has") {
  World world(slow);
  world.start();
  const auto rows = world.rows({"secret"});
  for (const char* user : {"a", "b", "c", "d", "e", "f"})
    world.spawn('x', user, "192.0.2.1", "wrong", rows);
  world.spawn('y', "g", "192.0.2.2", "secret", rows);
  world.run();
  REQUIRE(world.finished.size() == 7);
  CHECK(world.finished.find('y') < 4);
}

TEST_CASE("one user and one address have no more than their share") {
  World world(slow);
  world.options.queue = 7;
  world.options.share = 25;  // of 8: two
  world.start();
  const auto rows = world.rows({"secret"});
  world.spawn('1', "alice", "192.0.2.1", "w1", rows);
  world.spawn('2', "alice", "192.0.2.2", "w2", rows);
  world.spawn('3', "alice", "192.0.2.3", "w3", rows);
  CHECK(world.refused == "3");  // at once
  world.spawn('4', "bob", "192.0.2.4", "w4", rows);
  world.spawn('5', "carol", "192.0.2.4", "w5", rows);
  world.spawn('6', "dave", "192.0.2.4", "w6", rows);
  CHECK(world.refused == "36");
  world.run();
  CHECK(world.refused == "36");
  CHECK(world.finished.size() == 6);
  world.spawn('7', "alice", "192.0.2.3", "w3", rows);
  world.run();
  CHECK(world.refused == "36");  // what was given back can be had again
}

TEST_CASE("a full queue is told at once") {
  World world(slow);
  world.options.queue = 1;
  world.options.share = 100;
  world.start();
  const auto rows = world.rows({"secret"});
  world.spawn('1', "a", "192.0.2.1", "wrong", rows);
  world.spawn('2', "b", "192.0.2.2", "wrong", rows);
  world.spawn('3', "c", "192.0.2.3", "wrong", rows);
  CHECK(world.refused == "3");
  world.run();
  CHECK(world.refused == "3");
}

TEST_CASE("S1: what another login has proven meanwhile is right, and not ruled out") {
  World world;
  world.start();
  auto rows = world.rows({"one", "two", "three", "secret"});
  const std::vector<AppPassword> last = {rows.back()};
  world.spawn('a', "alice", "192.0.2.1", "secret", rows);
  world.spawn('b', "alice", "192.0.2.2", "secret", last);  // is done while a tries the others
  world.run();
  CHECK(world.finished == "ba");
  CHECK(world.right == "ba");
  CHECK(world.hasher->hashed() == 4);
}
