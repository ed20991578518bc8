// See outbox.h. One coroutine writes, as long as there is something; everybody else only appends.
// SPDX-License-Identifier: MIT

#include "cached/trail/outbox.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cached/base/text.h"
#include "cached/loop/sleep.h"

namespace trail {

using base::cat;
using loop::Task;

namespace {

constexpr std::ptrdiff_t batch_limit = 500;
constexpr std::chrono::milliseconds gathering{100};  // a transaction costs more than a row
constexpr std::chrono::milliseconds pause_after_failure{1000};

std::int64_t nanoseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

Numbers::Numbers(const Spool& spool) : last_(std::max(spool.found().last_id, nanoseconds())) {}

Outbox::Outbox(uv_loop_t* loop, stores::Database& store, Spool& spool, Settings settings,
               Write write)
    : loop_(loop),
      store_(store),
      spool_(spool),
      settings_(std::move(settings)),
      write_(write),
      behind_(static_cast<std::size_t>(spool.found().of(settings_.kind))) {
  if (behind_ > 0)
    base::log::notice(cat(behind_, " ", settings_.what, " of before are still to be recorded"));
  start();
}

bool Outbox::put(Number number, std::string body, int releases) {
  const bool is_next = behind_ == 0 || !spool_.works();
  const bool in_memory = is_next && waiting_.size() < settings_.most_waiting;
  const bool in_spool = spool_.has_room() && (in_memory || spool_.works());
  if (in_spool) spool_.put({number, settings_.kind, body});
  if (in_memory) {
    waiting_.push_back(
        {.number = number, .body = std::move(body), .releases = releases, .is_spooled = in_spool});
    if (behind_ == 0) last_taken_in_ = number;
  } else if (in_spool) {
    behind_++;
  } else {
    dropped_++;
    full_.write(base::log::Level::error,
                cat(settings_.what,
                    " are not recorded, there is no room for them in memory "
                    "([database] log_queue) nor in the spool: ",
                    dropped_, " so far"));
    return false;
  }
  start();
  return true;
}

std::deque<Outbox::Row>::iterator Outbox::place_of(Number number) {
  return std::lower_bound(waiting_.begin(), waiting_.end(), number,
                          [](const Row& row, Number n) { return row.number < n; });
}

Outbox::Row* Outbox::find(Number number) {
  const auto place = place_of(number);
  return place != waiting_.end() && place->number == number ? &*place : nullptr;
}

void Outbox::amend(Number number, std::string body) {
  if (Row* row = find(number)) {
    row->is_amended |= row->body != body;
    row->body = std::move(body);
    if (!trouble_.empty()) amend_in_spool(*row);
  } else if (is_behind(number)) {
    spool_.amend({number, settings_.kind, std::move(body)});
  }
}

// In the spool too: it will be there for a while.
void Outbox::amend_in_spool(Row& row) {
  if (std::exchange(row.is_amended, false) && row.is_spooled)
    spool_.amend({row.number, settings_.kind, row.body});
}

void Outbox::release(Number number) {
  if (Row* row = find(number)) row->releases = std::max(row->releases - 1, 0);
  start();
}

void Outbox::drop(Number number) {
  const auto row = place_of(number);
  if (row != waiting_.end() && row->number == number) {
    if (row->releases == 0 || finishing_) return;
    if (row->is_spooled) spool_.remove(number);
    waiting_.erase(row);
    start();
  } else if (is_behind(number)) {
    spool_.remove(number);
    behind_--;
    if (reading_) dropped_behind_.insert(number);
  }
}

// Something can be written or read.
bool Outbox::is_ready() const {
  if (waiting_.empty()) return behind_ > 0;
  return finishing_ || waiting_.front().releases == 0;
}

// For what is in the spool behind it.
bool Outbox::has_room_for_more() const {
  return behind_ > 0 && std::ssize(waiting_) < batch_limit &&
         waiting_.size() < settings_.most_waiting;
}

void Outbox::start() {
  if (!is_ready() || std::exchange(running_, true)) return;
  loop::spawn(run());
}

void Outbox::finish() {
  finishing_ = true;
  start();
}

std::size_t Outbox::unsafe() const {
  if (!spool_.is_safe()) return waiting_.size();
  return static_cast<std::size_t>(std::count_if(waiting_.begin(), waiting_.end(),
                                                [](const Row& row) { return !row.is_spooled; }));
}

Outbox::Counts Outbox::counts() const {
  return {waiting(), waiting() - unsafe(), written_, dropped_};
}

Task<void> Outbox::run() {
  while (is_ready()) {
    if (!finishing_ && behind_ == 0 && std::ssize(waiting_) < batch_limit) {
      auto gather = loop::sleep(loop_, gathering);
      co_await gather;
    }
    bool done = true;
    if (has_room_for_more()) {
      done = co_await read_on();
    }
    if (done) {
      done = co_await write_batch();
    }
    if (done) continue;
    if (finishing_) break;
    auto pause = loop::sleep(loop_, pause_after_failure);
    co_await pause;
  }
  if (finishing_)
    for (Row& row : waiting_) amend_in_spool(row);
  running_ = false;
}

bool Outbox::leave() const {
  const std::size_t lost = unsafe(), left = waiting() - lost;
  if (left > 0)
    base::log::notice(cat(left, " ", settings_.what, " stay in the spool until cached starts"));
  if (lost > 0) base::log::error(cat(lost, " ", settings_.what, " could not be recorded"));
  return lost == 0;
}

// Takes in what is in the spool behind those in memory. What is no longer there had to make room.
Task<bool> Outbox::read_on() {
  const std::size_t room = settings_.most_waiting - waiting_.size();
  const std::size_t expected = behind_;
  reading_ = true;
  auto rows = co_await spool_.read(settings_.kind, last_taken_in_, room);
  reading_ = false;
  const auto dropped = std::exchange(dropped_behind_, {});
  if (!rows) failed_.warning(rows.error().text);
  if (!rows) co_return waiting_.size() > 0;
  const std::size_t gone = rows->empty() ? std::min(expected, behind_) : 0;
  behind_ -= gone;
  dropped_ += gone;
  take_in(*std::move(rows), dropped);
  co_return true;
}

// What cached has found there when it started may have been written by the one before.
void Outbox::take_in(std::vector<SpoolRow> rows, const std::set<Number>& dropped) {
  for (SpoolRow& row : rows) {
    last_taken_in_ = row.id;
    if (dropped.contains(row.id)) continue;
    const auto place = place_of(row.id);
    if (place != waiting_.end() && place->number == row.id) continue;  // of when it was in trouble
    behind_ -= std::min<std::size_t>(behind_, 1);
    waiting_.insert(place, {.number = row.id,
                            .body = std::move(row.body),
                            .may_be_there = row.id <= spool_.found().last_id,
                            .is_spooled = true});
  }
}

Task<bool> Outbox::write_batch() {
  Batch batch;
  for (const Row& row : waiting_) {
    if (std::ssize(batch) == batch_limit || (row.releases > 0 && !finishing_)) break;
    batch.push_back({row.body, row.may_be_there});
  }
  if (batch.empty()) co_return true;
  // It is run again on another connection when nobody knows what came of it on the first.
  const stores::Database::Act write = [this, &batch](stores::Connection& connection) {
    const base::Status status = write_(connection, batch);
    for (Sent& sent : batch) sent.may_be_there = true;
    return status;
  };
  const base::Status status = co_await store_.perform(write);
  if (status)
    written(std::ssize(batch));
  else
    not_written(std::ssize(batch), status.error());
  co_return static_cast<bool>(status);
}

void Outbox::written(std::ptrdiff_t count) {
  for (auto row = waiting_.begin(); row != waiting_.begin() + count; ++row)
    if (row->is_spooled) spool_.remove(row->number);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  written_ += static_cast<std::uint64_t>(count);
  if (!std::exchange(trouble_, "").empty())
    base::log::notice(cat(settings_.what, " are recorded again"));
}

// Perhaps it has been, and only the answer was lost.
void Outbox::not_written(std::ptrdiff_t count, const base::Error& error) {
  for (auto row = waiting_.begin(); row != waiting_.begin() + count; ++row)
    row->may_be_there = true;
  const bool is_new = trouble_ != error.text;
  trouble_ = error.text;
  for (Row& row : waiting_) amend_in_spool(row);
  if (is_new) failed_.warning(cat(settings_.what, " are not recorded yet: ", error.text));
}

}  // namespace trail
