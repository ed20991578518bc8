// See connection_log.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/connection_log.h"

#include <chrono>

#include "cached/trail/row.h"

namespace trail {

using stores::Attempts;

namespace {

constexpr std::uint64_t tick_time = 1000;  // ms

base::Status write_batch(stores::Connection& connection, const Outbox::Batch& batch) {
  std::vector<Attempts> rows;
  for (const auto& sent : batch)
    if (auto row = decode_attempts(sent.body))
      rows.push_back(*std::move(row));
    else
      base::log::error("attempts in the spool cannot be read and are left out");
  return connection.record_attempts(rows);
}

std::int64_t milliseconds_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

ConnectionLog::ConnectionLog(uv_loop_t* loop, const stores::DatabaseOptions& database, Spool& spool,
                             Numbers& numbers, const Settings& settings)
    : is_on_(settings.is_on),
      numbers_(numbers),
      store_(loop, stores::with_one_connection(database), "connection_log"),
      folds_(settings.most_rows),
      rows_(loop, store_, spool,
            {Kind::attempt, "attempts (connection_log)", settings.most_waiting}, write_batch),
      purge_(loop, store_, settings.is_on ? settings.days : 0),
      timer_(loop::new_timer(loop)) {
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
}

// The number of its first is that of a row for good, also when that is written again. While cached
// leaves nothing is counted: there may be no time to write it.
void ConnectionLog::add(const Attempt& attempt) {
  if (!is_on_) return;
  Attempts one = attempts_of(attempt, milliseconds_now());
  Attempts* row = finishing_ ? &one : folds_.add(one, Folds::Clock::now());
  if (!row) return;
  row->number = numbers_.next();
  rows_.put(row->number, encode(*row));
  if (finishing_ || uv_is_active(reinterpret_cast<uv_handle_t*>(timer_.get()))) return;
  const auto tick = [](uv_timer_t* timer) {
    static_cast<ConnectionLog*>(timer->data)->look_at_folds();
  };
  uv_timer_start(timer_.get(), tick, tick_time, tick_time);
}

void ConnectionLog::look_at_folds() {
  write(folds_.take_ended(Folds::Clock::now()));
  if (folds_.size() == 0) uv_timer_stop(timer_.get());
}

void ConnectionLog::write(const std::vector<Attempts>& ended) {
  for (const Attempts& row : ended) rows_.put(numbers_.next(), encode(row));
}

loop::Task<base::Status> ConnectionLog::rehearse() {
  if (!is_on_) co_return base::Done{};
  const stores::Database::Act act = [](stores::Connection& connection) {
    return connection.record_attempts({});
  };
  const auto status = co_await store_.perform(act);
  co_return status;
}

void ConnectionLog::finish() {
  finishing_ = true;
  purge_.stop();
  write(folds_.take_all());
  rows_.finish();
}

}  // namespace trail
