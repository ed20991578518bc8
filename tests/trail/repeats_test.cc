// Which uses are one row, by this host's own memory.
// SPDX-License-Identifier: MIT

#include "cached/trail/repeats.h"

#include <thread>

#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"

namespace {

using namespace std::chrono_literals;

struct World {
  trail::Repeats repeats;
  explicit World(std::size_t most = 100) : repeats(most, nullptr) {}
  bool is_repeat(const std::string& key, trail::Bucket bucket = {60s, 5s}) {
    return repeats.is_repeat(key, bucket);
  }
};

}  // namespace

TEST_CASE("C06: the key of a use is its password, service, address and outcome") {
  stores::Use use{7, "imap", "192.0.2.1", "now"};
  const auto key = trail::Repeats::key_of(use);
  CHECK(key.size() == 32);
  use.time = "then";
  use.session = use.host = use.reverse_name = use.location = use.isp = "x";
  CHECK(trail::Repeats::key_of(use) == key);
  for (auto text : {&stores::Use::service, &stores::Use::remote_ip, &stores::Use::result,
                    &stores::Use::reason, &stores::Use::rule}) {
    stores::Use other = use;
    other.*text = "another";
    CHECK(trail::Repeats::key_of(other) != key);
  }
  use.password_id = 8;
  CHECK(trail::Repeats::key_of(use) != key);
}

TEST_CASE("C06: alternating clients do not make each other's uses new ones") {
  World world;
  CHECK(!world.is_repeat("a"));
  CHECK(!world.is_repeat("b"));
  for (int i = 0; i < 20; i++) {
    CHECK(world.is_repeat("a"));
    CHECK(world.is_repeat("b"));
  }
}

TEST_CASE("a bucket ends, and each use makes it longer, up to its own length") {
  World world;
  CHECK(!world.is_repeat("a", {40ms, 0ms}));
  std::this_thread::sleep_for(50ms);
  CHECK(!world.is_repeat("a", {100ms, 0ms}));
  CHECK(world.is_repeat("a", {100ms, 1h}));  // as long again from now on
  std::this_thread::sleep_for(110ms);
  CHECK(!world.is_repeat("a", {100ms, 0ms}));
}

TEST_CASE("of more uses than are remembered those longest ago are forgotten") {
  World world(2);
  CHECK(!world.is_repeat("a"));
  CHECK(!world.is_repeat("b"));
  CHECK(world.is_repeat("a"));
  CHECK(!world.is_repeat("c"));
  CHECK(world.is_repeat("a"));
  CHECK(!world.is_repeat("b"));
  World none(0);
  CHECK(!none.is_repeat("a"));
  CHECK(!none.is_repeat("a"));
}
