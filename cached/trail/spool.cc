// See spool.h. While the thread writes, what comes gathers for its next turn; the first of a quiet
// moment waits for the end of the loop's turn, and so for all who came with it (loop/lane.cc).
// SPDX-License-Identifier: MIT

#include "cached/trail/spool.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "cached/base/text.h"
#include "cached/loop/sleep.h"

namespace trail {

using base::cat;
using base::Done;
using base::Result;
using base::Status;
using loop::Task;

namespace {

constexpr loop::LaneLimits lane_limits{
    .threads = 1, .queue = 2, .longest_wait = std::chrono::minutes(1)};
constexpr std::chrono::milliseconds pause_after_failure{500};
constexpr std::int64_t all = std::numeric_limits<std::int64_t>::max();

template <void (Spool::*act)()>
void start(uv_timer_t* timer, std::chrono::milliseconds period) {
  const auto tick = [](uv_timer_t* ticking) { (static_cast<Spool*>(ticking->data)->*act)(); };
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(period.count(), 1));
  if (!uv_is_active(reinterpret_cast<uv_handle_t*>(timer))) uv_timer_start(timer, tick, time, time);
}

}  // namespace

Spool::Spool(uv_loop_t* loop, Settings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      patience_(loop::new_timer(loop)),
      delay_(loop::new_timer(loop)),
      lane_(loop, "spool", lane_limits) {
  for (uv_timer_t* timer : {patience_.get(), delay_.get()}) {
    timer->data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(timer));
  }
  if (settings_.path.empty()) return;
  const Status opened = file_.open(settings_.path, settings_.sync, settings_.most_rows);
  open_ = static_cast<bool>(opened);
  if (!opened) {
    base::log::error(cat(opened.error().text,
                         ": logins that are not in the log table yet are "
                         "kept in memory only, until cached is restarted"));
    return;
  }
  contents_ = file_.contents();
  if (!settings_.buffer.empty()) open_buffer();
  const std::int64_t attempts = fresh_ > 0 ? found_.attempts : 0;
  found_ = contents_;
  found_.rows += fresh_;
  found_.attempts += attempts;
  found_.last_id = last_id_ = std::max(contents_.last_id, last_id_);
}

// What the file cannot take now stays in the buffer until it can.
void Spool::open_buffer() {
  auto buffer = SpoolBuffer::open(settings_.buffer);
  if (!buffer) {
    base::log::error(cat(buffer.error().text, ": answers wait for the spool instead"));
    return;
  }
  buffer_ = *std::move(buffer);
  for (auto& [slot, row] : buffer_->read()) {
    found_.attempts += row.kind != Kind::use;
    pending_.try_emplace(row.id, Change{row.kind, std::move(row.body), false, slot});
  }
  if (pending_.empty()) return;
  fresh_ = std::ssize(pending_);
  last_id_ = due_ = pending_.rbegin()->first;
  Turn turn = write_due();
  if (turn.status) turn.status = file_.count();  // some may have been there
  turn.contents = file_.contents();
  settle(turn);
  if (in_trouble_) write_to(last_id_);
}

void Spool::put(SpoolRow row) {
  fresh_++;
  last_id_ = std::max(last_id_, row.id);
  Slot slot;
  if (buffer_ && settings_.sync != "full") slot = buffer_->put(row);
  const bool is_due = !slot || buffer_->is_filling();
  change(row.id, {row.kind, std::move(row.body), false, slot}, is_due);
  if (!slot) exposed_ = changes_;
}

void Spool::amend(SpoolRow row) { change(row.id, {row.kind, std::move(row.body), true}); }

void Spool::remove(std::int64_t id) { change(id, {Kind::use, "", true}); }

// What is due is so at once: the thread must not see one without the other.
void Spool::change(std::int64_t id, Change change, bool is_due) {
  changes_++;
  {
    const std::scoped_lock lock(mutex_);
    pending_to_ = changes_;
    if (is_due) due_ = std::max(due_, last_id_);
    const auto [place, is_first] = pending_.try_emplace(id);
    Change& pending = place->second;
    if (!is_first) {
      change.is_in_file = pending.is_in_file;
      change.slot = pending.slot;
    }
    pending = std::move(change);
    if (pending.body.empty() && !pending.is_in_file) {
      forget(pending.slot);
      pending_.erase(place);
    }
  }
  if (finishing_ || is_due)
    write_to(finishing_ ? all : last_id_);
  else
    write_later();
}

void Spool::forget(Slot slot) {
  fresh_--;
  if (slot) buffer_->remove(*slot);
}

// Most are gone before that.
void Spool::write_later() {
  if (!uv_is_active(reinterpret_cast<uv_handle_t*>(delay_.get()))) last_delayed_ = last_id_;
  start<&Spool::look_at_delayed>(delay_.get(), settings_.delay);
}

void Spool::look_at_delayed() {
  write_to(std::exchange(last_delayed_, last_id_));
  const std::scoped_lock lock(mutex_);
  if (pending_.empty()) uv_timer_stop(delay_.get());
}

void Spool::write_to(std::int64_t id) {
  {
    const std::scoped_lock lock(mutex_);
    due_ = std::max(due_, id);
  }
  if (!has_due() || std::exchange(writing_, true)) return;
  loop::spawn(write());
}

void Spool::finish() {
  finishing_ = true;
  write_to(all);
}

Task<void> Spool::write() {
  while (has_due()) {
    auto job = [this] { return write_due(); };
    const auto ran = co_await lane_.run(job);
    settle(ran ? *ran : Turn{ran.error(), 0, contents_});
    if (!in_trouble_) continue;
    if (finishing_) break;
    auto pause = loop::sleep(loop_, pause_after_failure);
    co_await pause;
  }
  writing_ = false;
}

bool Spool::has_due() const {
  const std::scoped_lock lock(mutex_);
  return !pending_.empty() && pending_.begin()->first <= due_;
}

Spool::Turn Spool::write_due() {
  Changes changes;
  Turn turn{Done{}};
  {
    const std::scoped_lock lock(mutex_);
    turn.seen = pending_to_;
    while (!pending_.empty() && pending_.begin()->first <= due_)
      changes.insert(changes.end(), pending_.extract(pending_.begin()));
  }
  if (!changes.empty()) turn.status = file_.apply(changes);
  turn.contents = file_.contents();
  if (!turn.status)
    take_back(changes, turn);
  else
    for (const auto& [id, change] : changes)
      if (!change.is_in_file) turn.settled.push_back(change.slot);
  return turn;
}

void Spool::take_back(Changes& changes, Turn& turn) {
  const std::scoped_lock lock(mutex_);
  for (auto& [id, change] : changes) {
    const auto [later, is_only] = pending_.try_emplace(id, std::move(change));
    if (is_only) continue;
    later->second.is_in_file = change.is_in_file;
    later->second.slot = change.slot;
    if (!later->second.body.empty() || change.is_in_file) continue;
    turn.settled.push_back(change.slot);
    pending_.erase(later);
  }
}

void Spool::settle(const Turn& turn) {
  if (!turn.status)
    failed_.write(base::log::Level::error, cat(turn.status.error().text,
                                               ": logins that are not in the log table yet are "
                                               "kept in memory only"));
  else if (in_trouble_)
    base::log::notice(cat("spool ", settings_.path, ": is written again"));
  if (turn.contents.dropped > contents_.dropped)
    full_.write(base::log::Level::error,
                cat("spool ", settings_.path, ": is full, ", turn.contents.dropped,
                    " attempts were dropped so far"));
  in_trouble_ = !turn.status;
  is_stuck_ = false;
  contents_ = turn.contents;
  for (const Slot slot : turn.settled) forget(slot);
  if (turn.status) settled_ = std::max(settled_, turn.seen);
  std::vector<std::coroutine_handle<>> ready;
  while (!waiters_.empty() && (in_trouble_ || waiters_.front().change <= settled_)) {
    ready.push_back(waiters_.front().handle);
    waiters_.pop_front();
  }
  let_go(std::move(ready));
}

bool Spool::is_safe() const { return open_ && exposed_ <= settled_; }

Task<Result<std::vector<SpoolRow>>> Spool::read(Kind kind, std::int64_t after, std::size_t limit) {
  Result<std::vector<SpoolRow>> rows = std::vector<SpoolRow>();
  write_to(last_id_);
  auto job = [this, kind, after, limit, &rows] {
    const Turn turn = write_due();
    if (turn.status)
      rows = file_.read(kind, after, limit);
    else
      rows = turn.status.error();
    return turn;
  };
  const auto ran = co_await lane_.run(job);
  if (!ran) co_return ran.error();
  settle(*ran);
  co_return rows;
}

bool Spool::Kept::await_ready() const {
  return !spool.works() || spool.is_stuck_ || spool.is_safe();
}

void Spool::wait(std::coroutine_handle<> handle) {
  waiters_.push_back({exposed_, uv_now(loop_), handle});
  start<&Spool::lose_patience>(patience_.get(), settings_.patience);
}

// Called once in a while as long as somebody waits, so that nobody waits longer than twice
// patience.
void Spool::lose_patience() {
  if (waiters_.empty()) uv_timer_stop(patience_.get());
  std::vector<std::coroutine_handle<>> late;
  const auto patience = static_cast<std::uint64_t>(settings_.patience.count());
  while (!waiters_.empty() && waiters_.front().since + patience <= uv_now(loop_)) {
    late.push_back(waiters_.front().handle);
    waiters_.pop_front();
  }
  is_stuck_ = is_stuck_ || !late.empty();
  let_go(std::move(late));
}

void Spool::let_go(std::vector<std::coroutine_handle<>> handles) {
  for (const auto handle : handles) handle.resume();
}

}  // namespace trail
