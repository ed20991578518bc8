// See spool.h. While the thread writes, what comes gathers for its next turn; the first of a quiet
// moment waits for the end of the loop's turn, and so for all who came with it (loop/lane.cc).
// SPDX-License-Identifier: MIT

#include "cached/trail/spool.h"

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
}  // namespace

Spool::Spool(uv_loop_t* loop, Settings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      timer_(loop::new_timer(loop)),
      lane_(loop, "spool", lane_limits) {
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
  if (settings_.path.empty()) return;
  const auto contents = file_.open(settings_.path, settings_.sync);
  open_ = static_cast<bool>(contents);
  if (!contents) {
    base::log::error(cat(contents.error().text,
                         ": logins that are not in the log table yet are "
                         "kept in memory only, until cached is restarted"));
    return;
  }
  found_ = *contents;
  rows_ = found_.rows;
}

void Spool::put(SpoolRow row) {
  rows_++;
  change(row.id, {row.kind, std::move(row.body), false});
}

void Spool::amend(SpoolRow row) { change(row.id, {row.kind, std::move(row.body), true}); }

void Spool::remove(std::int64_t id) {
  rows_--;
  change(id, {Kind::use, "", true});
}

void Spool::change(std::int64_t id, Change change) {
  changes_++;
  {
    const std::scoped_lock lock(mutex_);
    pending_to_ = changes_;
    const auto [earlier, is_first] = pending_.try_emplace(id, change);
    if (!is_first) {
      change.is_in_file = earlier->second.is_in_file;
      earlier->second = std::move(change);
      if (earlier->second.body.empty() && !earlier->second.is_in_file) pending_.erase(earlier);
    }
  }
  if (std::exchange(writing_, true)) return;
  loop::spawn(write());
}

Task<void> Spool::write() {
  while (has_pending()) {
    auto job = [this] { return write_pending(); };
    const auto ran = co_await lane_.run(job);
    settle(ran ? *ran : Turn{ran.error()});
    if (!in_trouble_) continue;
    if (finishing_) break;
    auto pause = loop::sleep(loop_, pause_after_failure);
    co_await pause;
  }
  writing_ = false;
}

bool Spool::has_pending() {
  const std::scoped_lock lock(mutex_);
  return !pending_.empty();
}

Spool::Turn Spool::write_pending() {
  Changes changes;
  Turn turn{Done{}};
  {
    const std::scoped_lock lock(mutex_);
    changes.swap(pending_);
    turn.seen = pending_to_;
  }
  if (!changes.empty()) turn.status = file_.apply(changes);
  if (!turn.status) take_back(changes);
  return turn;
}

void Spool::take_back(const Changes& changes) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, change] : changes) {
    const auto [later, is_only] = pending_.try_emplace(id, change);
    if (is_only) continue;
    later->second.is_in_file = change.is_in_file;
    if (later->second.body.empty() && !change.is_in_file) pending_.erase(later);
  }
}

void Spool::settle(const Turn& turn) {
  if (!turn.status)
    failed_.write(base::log::Level::error, cat(turn.status.error().text,
                                               ": logins that are not in the log table yet are "
                                               "kept in memory only"));
  else if (in_trouble_)
    base::log::notice(cat("spool ", settings_.path, ": is written again"));
  in_trouble_ = !turn.status;
  is_stuck_ = false;
  settled_ = std::max(settled_, turn.seen);
  std::vector<std::coroutine_handle<>> ready;
  while (!waiters_.empty() && (in_trouble_ || waiters_.front().change <= settled_)) {
    ready.push_back(waiters_.front().handle);
    waiters_.pop_front();
  }
  let_go(std::move(ready));
}

Task<Result<std::vector<SpoolRow>>> Spool::read(std::int64_t after, std::size_t limit) {
  Result<std::vector<SpoolRow>> rows = std::vector<SpoolRow>();
  auto job = [this, after, limit, &rows] {
    const Turn turn = write_pending();
    if (turn.status)
      rows = file_.read(after, limit);
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
  return !spool.works() || spool.is_stuck_ || spool.changes_ <= spool.settled_;
}

void Spool::wait(std::coroutine_handle<> handle) {
  waiters_.push_back({changes_, uv_now(loop_), handle});
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(timer_.get()))) return;
  const auto expire = [](uv_timer_t* timer) { static_cast<Spool*>(timer->data)->lose_patience(); };
  const auto patience = static_cast<std::uint64_t>(settings_.patience.count());
  uv_timer_start(timer_.get(), expire, patience, patience);
}

// Called once in a while as long as somebody waits, so that nobody waits longer than twice
// patience.
void Spool::lose_patience() {
  if (waiters_.empty()) uv_timer_stop(timer_.get());
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
