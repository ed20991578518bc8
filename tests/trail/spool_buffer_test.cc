// What is in the buffer survives whoever put it there, and nothing else is taken for it.
// SPDX-License-Identifier: MIT

#include "cached/trail/spool_buffer.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/stores/scratch.h"
#include "tests/trail/full_disk.h"

namespace {

using trail::Kind;
using trail::SpoolBuffer;

constexpr std::size_t slots = 13106, slot_size = 640, record_size = 24;

struct World {
  tests::Scratch scratch;
  std::string path = scratch.directory + "/spool.buffer";
  std::unique_ptr<SpoolBuffer> buffer;

  // What it says when it cannot be opened.
  std::string open() {
    buffer.reset();
    auto opened = SpoolBuffer::open(path);
    if (!opened) return opened.error().text;
    buffer = *std::move(opened);
    return "";
  }
  // As `id:body` each, in the order of their ids.
  std::vector<std::string> read_again() {
    REQUIRE(open() == "");
    std::map<std::int64_t, std::string> rows;
    for (const auto& found : buffer->read()) rows[found.row.id] = found.row.body;
    std::vector<std::string> texts;
    for (const auto& [id, body] : rows) texts.push_back(std::to_string(id) + ":" + body);
    return texts;
  }
  void start() {
    REQUIRE(open() == "");
    CHECK(buffer->read().empty());
  }
  SpoolBuffer::Slot put(std::int64_t id, const std::string& body) {
    const auto slot = buffer->put({id, Kind::use, body});
    REQUIRE(slot);
    return *slot;
  }
  // Over what is in the file, as somebody else would.
  void overwrite(std::size_t at, const std::string& bytes) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
  }
  void overwrite_slot(SpoolBuffer::Slot slot, std::size_t at, const std::string& bytes) const {
    overwrite((slot + 1) * slot_size + at, bytes);
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what was put and not removed is found again, with its kind and all its bytes") {
  World world;
  world.start();
  const std::string bytes("\0:\n\xff", 4);
  world.put(1, "one");
  world.buffer->remove(world.put(2, "two"));
  world.put(3, bytes);
  world.buffer->put({4, Kind::attempt, "four"});
  CHECK(world.read_again() == Texts{"1:one", "3:" + bytes, "4:four"});
  REQUIRE(world.open() == "");
  for (const auto& found : world.buffer->read())
    CHECK((found.row.kind == Kind::attempt) == (found.row.id == 4));
}

TEST_CASE("killed at any moment, a row is there as a whole or not at all") {
  const auto body_of = [](std::int64_t id) {
    return std::string(static_cast<std::size_t>(1 + id % 600), static_cast<char>('a' + id % 26));
  };
  for (int round = 0; round < 20; round++) {
    World world;
    const pid_t child = fork();
    if (child == 0) {  // puts row after row, and removes each when there are 100 behind it
      world.start();
      std::deque<SpoolBuffer::Slot> kept;
      for (std::int64_t id = 1;; id++) {
        kept.push_back(world.put(id, body_of(id)));
        if (kept.size() <= 100) continue;
        world.buffer->remove(kept.front());
        kept.pop_front();
      }
    }
    while (!std::filesystem::exists(world.path)) usleep(100);
    usleep(10000 + static_cast<useconds_t>(round) * 97);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto rows = world.read_again();
    CHECK(rows.size() <= 101);
    std::int64_t id = rows.empty() ? 0 : std::stoll(rows.front());
    for (const auto& row : rows) {
      CHECK(row == std::to_string(id) + ":" + body_of(id));
      id++;
    }
  }
}

TEST_CASE("a damaged row is left out, and no other") {
  World world;
  world.start();
  const auto slot = world.put(2, "two");
  world.put(1, "one");
  world.put(3, "three");
  SUBCASE("its size") { world.overwrite_slot(slot, 0, std::string("\2\0\0\0", 4)); }
  SUBCASE("a size beyond the slot") { world.overwrite_slot(slot, 0, "\xff\xff\xff\xff"); }
  SUBCASE("its checksum") { world.overwrite_slot(slot, 4, "x"); }
  SUBCASE("its id") { world.overwrite_slot(slot, 8, "x"); }
  SUBCASE("its kind") { world.overwrite_slot(slot, 16, "x"); }
  SUBCASE("its body") { world.overwrite_slot(slot, record_size, "x"); }
  CHECK(world.read_again() == Texts{"1:one", "3:three"});
  CHECK(world.read_again() == Texts{"1:one", "3:three"});
}

TEST_CASE("there is room for so many rows, and for none that is longer than a slot") {
  World world;
  world.start();
  CHECK(!world.buffer->put({1, Kind::use, std::string(slot_size - record_size + 1, 'x')}));
  const auto last = world.put(1, std::string(slot_size - record_size, 'x'));
  for (std::size_t i = 1; i < slots; i++) {
    CHECK(world.buffer->is_filling() == (i > slots - slots / 4));
    world.put(static_cast<std::int64_t>(i) + 1, "x");
  }
  CHECK(!world.buffer->put({slots + 1, Kind::use, "x"}));
  world.buffer->remove(last);
  world.put(slots + 1, "y");
  CHECK(world.read_again().size() == slots);
}

TEST_CASE("a file of other sizes is used as it is, one of another format moved aside") {
  const std::string sizes("\4\0\0\0\x80\0\0\0", 8);  // 4 slots of 128 bytes
  World small;
  std::ofstream(small.path) << "cpspool1" << sizes << std::string(5 * 128 - 16, '\0');
  small.start();
  for (int id = 1; id <= 4; id++) small.put(id, "x");
  CHECK(!small.buffer->put({5, Kind::use, "x"}));
  CHECK(small.read_again().size() == 4);

  for (const std::string& text :
       {"cpspool2" + sizes, "cpspool1" + std::string(8, '\xff'), std::string("what is this")}) {
    World world;
    std::ofstream(world.path) << text;
    world.start();
    world.put(1, "x");
    std::ifstream aside(world.path + ".unknown");
    CHECK(std::string(std::istreambuf_iterator<char>(aside), {}) == text);
  }
}

TEST_CASE("a file that was cut off is made whole, and what is left in it is found") {
  World world;
  world.start();
  const auto first = world.put(1, "one"), second = world.put(2, "two");
  const std::string left = first < second ? "1:one" : "2:two";
  world.buffer.reset();
  std::filesystem::resize_file(world.path, (std::min(first, second) + 2) * slot_size);
  CHECK(world.read_again() == Texts{left});
  world.put(3, "three");
  CHECK(world.read_again() == Texts{left, "3:three"});
}

TEST_CASE("a file that others could change, or that is none, is refused") {
  World world;
  world.start();
  world.buffer.reset();
  SUBCASE("others can write to it") { chmod(world.path.c_str(), 0620); }
  SUBCASE("of another user") {
    if (geteuid() != 0) return;
    REQUIRE(chown(world.path.c_str(), 12345, 12345) == 0);
  }
  SUBCASE("a link") {
    std::filesystem::rename(world.path, world.path + "2");
    std::filesystem::create_symlink(world.path + "2", world.path);
  }
  SUBCASE("a pipe") {
    std::filesystem::remove(world.path);
    REQUIRE(mkfifo(world.path.c_str(), 0600) == 0);
  }
  SUBCASE("in no directory") { world.path += "/x"; }
  SUBCASE("in a directory everybody can write to") { chmod(world.scratch.directory.c_str(), 0777); }
  CHECK(world.open() != "");
  chmod(world.scratch.directory.c_str(), 0700);
}

TEST_CASE("a file that another cached has is refused until that one has gone") {
  World world, other;
  world.start();
  other.path = world.path;
  CHECK(other.open() == "buffer " + world.path + ": another cached has it");
  world.buffer.reset();
  CHECK(other.open() == "");
}

TEST_CASE("where there is no room for the whole file there is no buffer, and no SIGBUS later") {
  World world;
  const tests::FullDisk full;
  CHECK(world.open() != "");
}
