// See sqlite_shelf.h. What is to be written while the thread is writing is written together after
// that.
// SPDX-License-Identifier: MIT

#include "cached/facts/sqlite_shelf.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cached/facts/shelf_file.h"
#include "cached/loop/lane.h"
#include "cached/loop/within.h"

namespace facts {
namespace {

using loop::Task;
using Change = ShelfFile::Change;

constexpr std::chrono::milliseconds read_time{100};
constexpr std::size_t most_reads = 1000;      // at the same time; beyond, at once a miss
constexpr std::size_t most_changes = 10'000;  // not written yet; beyond, they are not kept
constexpr std::size_t most_together = 200;    // changes: reads want to be between them
constexpr loop::LaneLimits lane_limits{
    .threads = 1, .queue = most_reads + 1, .longest_wait = std::chrono::minutes(1)};

}  // namespace

struct SqliteShelf::State {
  State(uv_loop_t* l, std::string path, std::size_t most_rows)
      : loop(l), file(std::move(path), most_rows), lane(l, "shelf", lane_limits) {}

  uv_loop_t* const loop;
  ShelfFile file;  // for the lane
  std::deque<Change> changes;
  std::unordered_map<std::string, int> unwritten;  // how many changes of a key are not in the file
  Time flushed{};
  std::size_t reads = 0;
  bool writing = false;
  bool stuck = false;  // a read was not done in time, and nothing has been done since
  bool stopped = false;
  loop::Lane lane;

  std::vector<Change> next_changes() {
    const auto end =
        changes.begin() + static_cast<std::ptrdiff_t>(std::min(changes.size(), most_together));
    std::vector<Change> next(std::make_move_iterator(changes.begin()),
                             std::make_move_iterator(end));
    changes.erase(changes.begin(), end);
    return next;
  }

  void change(std::shared_ptr<State> self, Change change) {
    if (changes.size() >= most_changes && !change.fields.empty()) return;
    unwritten[change.key]++;
    changes.push_back(std::move(change));
    if (!std::exchange(writing, true)) loop::spawn(write_file(std::move(self)));
  }
};

SqliteShelf::SqliteShelf(uv_loop_t* loop, std::string path, std::size_t most_rows)
    : state_(std::make_shared<State>(loop, std::move(path), most_rows)) {
  state_->writing = true;
  loop::spawn(write_file(state_));
}

Task<void> SqliteShelf::write_file(std::shared_ptr<State> self) {
  do {
    const auto changes = self->next_changes();
    auto job = [&file = self->file, &changes] {
      file.write(changes);
      return file.flushed();
    };
    const auto flushed = co_await self->lane.run(job);  // or else it is a miss
    if (flushed) self->flushed = std::max(self->flushed, *flushed);
    self->stuck = false;
    for (const Change& each : changes)
      if (const auto known = self->unwritten.find(each.key); --known->second == 0)
        self->unwritten.erase(known);
  } while (!self->changes.empty());
  self->writing = false;
}

Task<Shelf::Kept> SqliteShelf::read_file(std::shared_ptr<State> self, std::string key) {
  self->reads++;
  auto job = [&file = self->file, &key] { return file.read(key); };
  auto kept = co_await self->lane.run(job);
  self->reads--;
  self->stuck = false;
  co_return kept ? *std::move(kept) : Kept{};
}

// What is on its way to the file is a miss: above all what is to be erased.
Task<Shelf::Kept> SqliteShelf::read(std::string key) {
  const std::shared_ptr<State> self = state_;
  const bool is_miss = self->stopped || self->stuck || self->reads >= most_reads || !may_have(key);
  if (is_miss) co_return Kept{{}, self->flushed};
  auto reading = loop::within(self->loop, read_time, read_file(self, std::move(key)));
  auto kept = co_await reading;
  self->stuck = !kept;
  if (!kept) co_return Kept{{}, self->flushed};
  kept->flushed = std::max(kept->flushed, self->flushed);
  co_return std::move(*kept);
}

bool SqliteShelf::may_have(const std::string& key) const {
  return !state_->unwritten.contains(key) && state_->file.may_have(key);
}

void SqliteShelf::write(std::string key, Fields fields, std::chrono::seconds kept) {
  if (fields.empty()) return;
  const Time until = std::chrono::system_clock::now() + kept;
  state_->change(state_, {std::move(key), std::move(fields), until});
}

void SqliteShelf::erase(std::string key) { state_->change(state_, {std::move(key), {}, {}}); }

void SqliteShelf::erase_all() {
  state_->flushed = std::chrono::system_clock::now();
  state_->change(state_, {"", {}, state_->flushed});
}

Task<bool> SqliteShelf::claim(std::string) { co_return true; }

void SqliteShelf::stop() { state_->stopped = true; }

}  // namespace facts
