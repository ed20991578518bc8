// The servers of one kind in order of preference, and which of them are left alone for a while
// because they did not answer. Any thread may ask.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace stores {

class Hosts {
 public:
  using Clock = std::chrono::steady_clock;

  // `kind` and `names` are for the log.
  Hosts(std::string kind, std::vector<std::string> names, std::chrono::milliseconds longest_rest);

  // The most preferred host from the given place on that may be tried now; nullopt: none may. One
  // that did not answer the last time is given to one caller at a time, when its rest is over.
  // Whoever gets a host reports back with up() or down().
  std::optional<std::size_t> next(std::size_t from, Clock::time_point now);

  void up(std::size_t host);
  // It rests: 50 ms, then twice as long each time, up to the longest rest. When no other one
  // answers either, all rest for 1 second at most, and for twenty times what trying this one took:
  // one that refuses at once costs nobody anything.
  void down(std::size_t host, const std::string& problem, Clock::time_point now);

  bool is_down(std::size_t host);
  // Whether next() has a better one.
  bool has_better(std::size_t host, Clock::time_point now);

  // What the one said that went down last.
  std::string last_problem();

 private:
  struct Host {
    std::string name;
    int failures = 0;  // in a row
    bool being_tried = false;
    Clock::time_point tried_at{};
    Clock::time_point rest_until{};
  };

  bool may_be_tried(const Host& host, Clock::time_point now) const;
  bool anyone_is_up() const;

  const std::string kind_;
  const std::chrono::milliseconds longest_rest_;
  std::mutex mutex_;
  std::vector<Host> hosts_;
  std::string last_problem_;
};

}  // namespace stores
