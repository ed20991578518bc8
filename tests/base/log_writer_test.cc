// The thread that writes to journald and syslog: in order, with an end to what waits.
// SPDX-License-Identifier: MIT

#include "cached/base/log_writer.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>

namespace {

using base::log::Line;
using base::log::Writer;

// What reads the lines: it takes none while the gate is shut.
std::mutex mutex;
std::condition_variable opened;
bool is_open;
std::string taken;

void take(const Line& line) {
  std::unique_lock lock(mutex);
  opened.wait(lock, [] { return is_open; });
  taken += line.text;
}

void set_gate(bool open) {
  const std::lock_guard lock(mutex);
  is_open = open;
  if (!open) taken.clear();
  opened.notify_all();
}

bool put(Writer& writer, const char* text) {
  Line line{base::log::Sink::journal, base::log::Level::info, "cached", text};
  return writer.put(line);
}

}  // namespace

TEST_CASE("lines are written in their order, and leaving waits for the last") {
  set_gate(false);
  auto& writer = *new Writer(100, take);  // its thread never ends
  CHECK(put(writer, "a"));
  CHECK(put(writer, "b"));
  set_gate(true);
  CHECK(put(writer, "c"));
  CHECK(writer.leave(std::chrono::minutes(1)).empty());
  CHECK(taken == "abc");
  CHECK(!put(writer, "d"));
}

TEST_CASE("when too many wait the next ones are not taken, and those that wait are given back") {
  set_gate(false);
  auto& writer = *new Writer(2, take);
  CHECK(put(writer, "a"));
  CHECK(put(writer, "b"));
  CHECK(!put(writer, "c"));
  std::string left;
  for (const Line& line : writer.leave(std::chrono::milliseconds(1))) left += line.text;
  CHECK(left == "ab");
  CHECK(taken == "");
  set_gate(true);
  CHECK(writer.leave(std::chrono::minutes(1)).empty());
}

TEST_CASE("a log that nothing was written to is left at once") {
  Writer writer(2, take);
  CHECK(writer.leave(std::chrono::minutes(1)).empty());
}
