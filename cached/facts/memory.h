// What has been found out by asking others: remembered for a while, asked for once however many
// want to know it, and still told when it is old, while it is being asked for again.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "cached/loop/once.h"
#include "cached/loop/task.h"

namespace facts {

// asked: just now. remembered: not long ago. stale: so long ago that it is being asked for again.
enum class Source { asked, remembered, stale };

template <class T>
struct Seen {
  T value;
  Source source = Source::asked;
  std::chrono::milliseconds age{0};
};

// What asking brought. failed: nobody could tell.
template <class T>
struct Told {
  T value;
  std::chrono::milliseconds lifetime{0};  // as the one who was asked has it
  bool failed = false;
};

// How long what was told counts.
struct Lifetimes {
  std::chrono::milliseconds least = std::chrono::minutes(1);
  std::chrono::milliseconds most = std::chrono::hours(1);
  std::chrono::milliseconds stale = std::chrono::hours(24);     // from when it was told
  std::chrono::milliseconds failed = std::chrono::seconds(30);  // until it is asked for again
};

template <class T>
class Memory {
 public:
  // At most `limit` things are remembered; when there are more, those told longest ago are
  // forgotten, but failures before them.
  Memory(std::size_t limit, const Lifetimes& lifetimes) : limit_(limit), lifetimes_(lifetimes) {}

  // What is known of the key, or else what `ask` returns; it is only run when that is needed.
  loop::Task<Seen<T>> find(std::string key, loop::Task<Told<T>> ask) {
    const auto now = Clock::now();
    if (const Entry* entry = known(key, now)) {
      Seen<T> seen = seen_at(*entry, now);
      if (now >= entry->ask_again) loop::spawn(refresh(std::move(key), std::move(ask)));
      co_return seen;
    }
    auto learning = learn_once(std::move(key), std::move(ask));
    Told<T> told = co_await learning;
    co_return Seen<T>{std::move(told.value)};
  }

  // What find() would return at once, and without asking. nullopt: it has to be called.
  std::optional<Seen<T>> recall(std::string_view key) const {
    const auto now = Clock::now();
    const Entry* entry = known(key, now);
    if (!entry || now >= entry->ask_again) return std::nullopt;
    return seen_at(*entry, now);
  }

  std::size_t size() const { return entries_.size(); }

  // What is being asked for is remembered again.
  void clear() {
    entries_.clear();
    order_.clear();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    std::string key;
    T value;
    Clock::time_point told;
    std::chrono::milliseconds fresh, kept;  // since then
    Clock::time_point ask_again;
  };
  using Entries = std::list<Entry>;

  // nullptr: nothing that may still be told.
  const Entry* known(std::string_view key, Clock::time_point now) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    const Entry& entry = *found->second;
    return now < entry.told + entry.kept ? &entry : nullptr;
  }

  static Seen<T> seen_at(const Entry& entry, Clock::time_point now) {
    return {entry.value, now < entry.told + entry.fresh ? Source::remembered : Source::stale,
            std::chrono::duration_cast<std::chrono::milliseconds>(now - entry.told)};
  }

  loop::Task<Told<T>> learn_once(std::string key, loop::Task<Told<T>> ask) {
    auto learning = learn(key, std::move(ask));
    return once_.find(std::move(key), std::move(learning));
  }

  loop::Task<Told<T>> learn(std::string key, loop::Task<Told<T>> ask) {
    Told<T> told = co_await ask;
    remember(key, told);
    co_return told;
  }

  loop::Task<void> refresh(std::string key, loop::Task<Told<T>> ask) {
    auto learning = learn_once(std::move(key), std::move(ask));
    co_await learning;
  }

  void remember(const std::string& key, const Told<T>& told) {
    const auto now = Clock::now();
    const auto fresh = told.failed ? lifetimes_.failed
                                   : std::clamp(told.lifetime, lifetimes_.least, lifetimes_.most);
    if (const auto known = entries_.find(key); known != entries_.end()) {
      Entry& old = *known->second;
      if (told.failed && now < old.told + old.kept) {
        old.ask_again = now + lifetimes_.failed;
        return;
      }
      const auto row = known->second;  // the key is in it
      entries_.erase(known);
      order_.erase(row);
    }
    while (!order_.empty() && order_.size() >= limit_) {
      entries_.erase(order_.front().key);
      order_.pop_front();
    }
    if (limit_ == 0) return;
    const auto kept = told.failed ? fresh : std::max(fresh, lifetimes_.stale);
    const auto place = told.failed ? order_.begin() : order_.end();
    const auto entry = order_.insert(place, Entry{key, told.value, now, fresh, kept, now + fresh});
    entries_.emplace(entry->key, entry);
  }

  const std::size_t limit_;
  const Lifetimes lifetimes_;
  Entries order_;  // the first to be forgotten in front
  std::unordered_map<std::string_view, typename Entries::iterator> entries_;
  loop::Once<Told<T>> once_;
};

}  // namespace facts
