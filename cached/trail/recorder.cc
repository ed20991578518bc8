// See recorder.h. One coroutine writes; everybody else only appends.
// SPDX-License-Identifier: MIT

#include "cached/trail/recorder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cached/base/clock.h"
#include "cached/base/text.h"
#include "cached/loop/sleep.h"
#include "cached/trail/row.h"

namespace trail {

using base::cat;
using loop::Task;

namespace {

constexpr std::ptrdiff_t batch_limit = 500;
constexpr std::chrono::milliseconds gathering{100};  // a transaction costs more than a row
constexpr std::chrono::milliseconds pause_after_failure{1000};

template <class Unit>
std::int64_t now_in() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Unit>(now).count();
}

}  // namespace

struct Recorder::Arrival {
  Recorder& recorder;
  bool await_ready() const { return recorder.is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) { recorder.idle_ = handle; }
  void await_resume() const {}
};

// Numbers go on from those in the spool; by the clock, so that they do so even if it could not be
// read.
Recorder::Recorder(uv_loop_t* loop, stores::Database& store, const Settings& settings)
    : loop_(loop),
      store_(store),
      most_waiting_(settings.most_waiting),
      repeats_(loop, settings.most_repeats, settings.redis),
      spool_(loop, settings.spool),
      behind_(static_cast<std::size_t>(spool_.found().rows)),
      last_number_(std::max(spool_.found().last_id, now_in<std::chrono::microseconds>())) {
  if (behind_ > 0) base::log::notice(cat(behind_, " logins of before are still to be recorded"));
  loop::spawn(run());
}

// Two uses with the same time could be taken for one when it is not known whether the first was
// written.
void Recorder::set_time(stores::Use& use) {
  using std::chrono::milliseconds;
  std::int64_t time = now_in<milliseconds>();
  if (time > last_time_) times_.clear();
  const auto key = cat(use.password_id, "\n", use.service, "\n", use.remote_ip, "\n", use.result);
  const auto [known, is_first] = times_.try_emplace(key, time);
  if (!is_first) known->second = time = std::max(time, known->second + 1);
  last_time_ = std::max(last_time_, time);
  use.time = base::utc_text(std::chrono::system_clock::time_point(milliseconds(time)));
}

// The answer does not wait for the other hosts' word either: until it is there, the row is kept as
// if it were to be written.
std::optional<Recorder::Number> Recorder::add(stores::Use& use, const Bucket& bucket) {
  const bool buckets = bucket.bucket.count() > 0;
  std::string key = buckets ? Repeats::key_of(use) : std::string();
  if (buckets && repeats_.is_repeat(key, bucket)) return std::nullopt;
  const Number number = ++last_number_;
  set_time(use);
  const bool asks = buckets && !finishing_ && repeats_.has_others();
  enqueue(number, use, !asks);
  if (asks) loop::spawn(check(number, std::move(key), bucket));
  start();
  return number;
}

void Recorder::enqueue(Number number, const stores::Use& use, bool is_checked) {
  const bool is_next = behind_ == 0 || !spool_.works();
  const bool in_memory = is_next && waiting_.size() < most_waiting_;
  const bool in_spool = spool_.has_room() && (in_memory || spool_.works());
  if (in_spool) spool_.put({number, Kind::use, encode(use)});
  if (in_memory) {
    waiting_.push_back(
        {.number = number, .use = use, .is_checked = is_checked, .is_spooled = in_spool});
    if (behind_ == 0) last_taken_in_ = number;
  } else if (in_spool) {
    behind_++;
  } else {
    full_.write(base::log::Level::error,
                cat("login not recorded, there is no room for it in memory ([database] log_queue) "
                    "nor in the spool: app password ",
                    use.password_id, " from ", use.remote_ip));
  }
}

Task<void> Recorder::check(Number number, std::string key, Bucket bucket) {
  auto asking = repeats_.is_repeat_elsewhere(std::move(key), bucket);
  const bool repeated = co_await asking;
  if (repeated && !finishing_) drop(number);
  const auto row = place_of(number);
  if (row != waiting_.end() && row->number == number) row->is_checked = true;
  start();
}

// Not what is checked: it may be on its way to the database.
void Recorder::drop(Number number) {
  const auto row = place_of(number);
  if (row != waiting_.end() && row->number == number) {
    if (row->is_checked) return;
    if (row->is_spooled) spool_.remove(number);
    waiting_.erase(row);
  } else if (behind_ > 0 && number > last_taken_in_) {
    spool_.remove(number);
    behind_--;
  }
}

std::deque<Recorder::Row>::iterator Recorder::place_of(Number number) {
  return std::lower_bound(waiting_.begin(), waiting_.end(), number,
                          [](const Row& row, Number n) { return row.number < n; });
}

void Recorder::complete(Number number, const stores::Use& use) {
  const auto row = place_of(number);
  if (row == waiting_.end() || row->number != number) {
    if (behind_ > 0 && number > last_taken_in_) spool_.amend({number, Kind::use, encode(use)});
    return;
  }
  row->is_amended = row->use.reverse_name != use.reverse_name || row->use.isp != use.isp;
  row->use.reverse_name = use.reverse_name;
  row->use.isp = use.isp;
  row->is_complete = true;
  if (in_trouble_) amend(*row);
  start();
}

// In the spool too: it will be there for a while.
void Recorder::amend(Row& row) {
  if (std::exchange(row.is_amended, false) && row.is_spooled)
    spool_.amend({row.number, Kind::use, encode(row.use)});
}

// Something can be written or read, or it is time to leave.
bool Recorder::is_ready() const {
  return finishing_ || (waiting_.empty() ? behind_ > 0 : waiting_.front().is_ready());
}

// For what is in the spool behind it.
bool Recorder::has_room_for_more() const {
  return behind_ > 0 && std::ssize(waiting_) < batch_limit && waiting_.size() < most_waiting_;
}

void Recorder::start() {
  if (finished_) {  // a request that was answered while cached is leaving
    finished_ = false;
    loop::spawn(run());
  } else if (idle_ && is_ready()) {
    std::exchange(idle_, nullptr).resume();
  }
}

void Recorder::finish() {
  finishing_ = true;
  repeats_.stop();
  spool_.finish();
  if (idle_) std::exchange(idle_, nullptr).resume();
}

std::size_t Recorder::unsafe() const {
  if (!spool_.is_safe()) return waiting_.size();
  return static_cast<std::size_t>(std::count_if(waiting_.begin(), waiting_.end(),
                                                [](const Row& row) { return !row.is_spooled; }));
}

Task<void> Recorder::run() {
  while (!finishing_ || waiting() > 0) {
    Arrival arrival{*this};
    co_await arrival;
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
  for (Row& row : waiting_) amend(row);
  finished_ = true;
}

bool Recorder::leave() const {
  const std::size_t lost = unsafe(), left = waiting() - lost;
  if (left > 0) base::log::notice(cat(left, " logins stay in the spool until cached starts"));
  if (lost > 0) base::log::error(cat(lost, " logins could not be recorded"));
  return lost == 0;
}

// Takes in what is in the spool behind those in memory.
Task<bool> Recorder::read_on() {
  const std::size_t room = most_waiting_ - std::min(most_waiting_, waiting_.size());
  const std::size_t expected = behind_;
  const auto rows = co_await spool_.read(last_taken_in_, room);
  if (!rows) failed_.warning(rows.error().text);
  if (!rows) co_return waiting_.size() > 0;
  if (rows->empty()) behind_ -= expected;
  take_in(*rows);
  co_return true;
}

// What cached has found there when it started may have been written by the one before.
void Recorder::take_in(const std::vector<SpoolRow>& rows) {
  for (const SpoolRow& row : rows) {
    last_taken_in_ = row.id;
    const auto place = place_of(row.id);
    if (place != waiting_.end() && place->number == row.id) continue;  // of when it was in trouble
    behind_ -= std::min<std::size_t>(behind_, 1);
    auto use = row.kind == Kind::use ? decode(row.body) : std::nullopt;
    if (!use) {
      base::log::error(cat("a row of the spool cannot be read and is left out: ", row.id));
      spool_.remove(row.id);
      continue;
    }
    use->may_be_there = row.id <= spool_.found().last_id;
    waiting_.insert(place, {row.id, *std::move(use), true, true, true, false});
  }
}

Task<bool> Recorder::write_batch() {
  std::vector<stores::Use> batch;
  for (const Row& row : waiting_) {
    if (std::ssize(batch) == batch_limit || (!row.is_ready() && !finishing_)) break;
    batch.push_back(row.use);
  }
  if (batch.empty()) co_return true;
  const base::Status status = co_await store_.record(batch);
  if (status)
    written(std::ssize(batch));
  else
    not_written(std::ssize(batch), status.error());
  co_return static_cast<bool>(status);
}

void Recorder::written(std::ptrdiff_t count) {
  for (auto row = waiting_.begin(); row != waiting_.begin() + count; ++row)
    if (row->is_spooled) spool_.remove(row->number);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  if (std::exchange(in_trouble_, false)) base::log::notice("logins are recorded again");
}

// Perhaps it has been, and only the answer was lost.
void Recorder::not_written(std::ptrdiff_t count, const base::Error& error) {
  for (auto row = waiting_.begin(); row != waiting_.begin() + count; ++row)
    row->use.may_be_there = true;
  in_trouble_ = true;
  for (Row& row : waiting_) amend(row);
  failed_.warning(cat("logins are not recorded yet: ", error.text));
}

}  // namespace trail
