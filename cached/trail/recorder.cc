// See recorder.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/recorder.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cached/base/clock.h"
#include "cached/base/text.h"
#include "cached/trail/row.h"

namespace trail {

using base::cat;
using loop::Task;

namespace {

base::Status write(stores::Connection& connection, const Outbox::Batch& batch) {
  std::vector<stores::Use> uses;
  uses.reserve(batch.size());
  for (const auto& [body, may_be_there] : batch) {
    auto use = decode_use(body);
    if (!use) base::log::error("a login in the spool cannot be read and is left out");
    if (!use) continue;
    use->may_be_there = may_be_there;
    uses.push_back(*std::move(use));
  }
  return connection.record(uses);
}

}  // namespace

Recorder::Recorder(uv_loop_t* loop, stores::Database& store, Spool& spool, Numbers& numbers,
                   const Settings& settings, std::shared_ptr<clients::Redis> redis)
    : numbers_(numbers),
      store_(store),
      repeats_(settings.most_repeats, std::move(redis)),
      rows_(loop, store, spool, {Kind::use, "logins", settings.most_waiting}, write) {}

// Two uses with the same time could be taken for one when it is not known whether the first was
// written.
void Recorder::set_time(stores::Use& use) {
  using namespace std::chrono;
  const auto now = system_clock::now().time_since_epoch();
  std::int64_t time = duration_cast<milliseconds>(now).count();
  if (time > last_time_) times_.clear();
  const auto key = cat(use.password_id, "\n", use.service, "\n", use.remote_ip, "\n", use.result);
  const auto [known, is_first] = times_.try_emplace(key, time);
  if (!is_first) known->second = time = std::max(time, known->second + 1);
  last_time_ = std::max(last_time_, time);
  use.time = base::utc_text(system_clock::time_point(milliseconds(time)));
}

// The answer does not wait for the other hosts' word either: until it is there, the row is kept as
// if it were to be written.
std::optional<Recorder::Number> Recorder::add(stores::Use& use, const Bucket& bucket) {
  const bool buckets = bucket.bucket.count() > 0;
  std::string key = buckets ? Repeats::key_of(use) : std::string();
  if (buckets && repeats_.is_repeat(key, bucket)) return std::nullopt;
  const Number number = numbers_.next();
  set_time(use);
  const bool asks = buckets && !finishing_ && repeats_.has_others();
  rows_.put(number, encode(use), asks ? 2 : 1);
  if (asks) loop::spawn(check(number, std::move(key), bucket));
  return number;
}

Task<void> Recorder::check(Number number, std::string key, Bucket bucket) {
  auto asking = repeats_.is_repeat_elsewhere(std::move(key), bucket);
  const bool repeated = co_await asking;
  if (repeated) rows_.drop(number);
  rows_.release(number);
}

void Recorder::complete(Number number) { rows_.release(number); }

void Recorder::complete(Number number, const stores::Use& use) {
  rows_.amend(number, encode(use));
  rows_.release(number);
}

Task<base::Status> Recorder::rehearse() {
  const std::vector<stores::Use> of_no_row(1);
  const auto status = co_await store_.record(of_no_row);
  co_return status;
}

void Recorder::finish() {
  finishing_ = true;
  rows_.finish();
}

}  // namespace trail
