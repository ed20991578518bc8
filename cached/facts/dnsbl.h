// Lists of addresses that are asked by DNS (RFC 5782): is this one listed, and with which codes? A
// zone that does not work as the RFC says is left alone for a while, and is never believed.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "cached/base/ip.h"
#include "cached/clients/dns.h"
#include "cached/facts/facts.h"
#include "cached/facts/memory.h"
#include "cached/loop/once.h"
#include "cached/loop/task.h"

namespace facts {

struct Zone {
  std::string name;  // for logs and verdicts
  std::string zone;  // to be asked, without the final dot. May hold a key: never in a log or error
                     // (and no more than that: c-ares keeps what it asks for unwiped, too)
  std::vector<base::Network> codes;  // of 127.0.0.0/8, that count; empty: every one
  enum class Families { both, v4, v6 } families = Families::both;  // of addresses it knows
};

// When zones are looked after.
struct ZoneCare {
  std::chrono::milliseconds check = std::chrono::minutes(10);  // how often one that works is
  std::chrono::milliseconds rest = std::chrono::minutes(5);  // of a broken one; then it is checked
  std::chrono::milliseconds pause = std::chrono::seconds(30);  // of one that does not answer
  std::chrono::milliseconds alarm = std::chrono::hours(1);     // between two lines in the log
};

class Dnsbl {
 public:
  // Who is listed changes all day: what is old is not told for as long as a name is.
  static constexpr Lifetimes lifetimes{.stale = std::chrono::hours(1)};

  // `limit`: how many answers are remembered, of all zones. Nobody may be waiting when it goes:
  // Dns::stop().
  Dnsbl(clients::Dns& dns, std::size_t limit, const Lifetimes& remembered = lifetimes,
        const ZoneCare& care = {});

  struct Found {
    Listing listing;  // absent: not listed. unknown: nobody could tell
    Source source = Source::asked;
    std::chrono::milliseconds age{0};
    std::string problem;  // why it is unknown; without the zone's real name
  };
  // A zone that has not been asked before is checked first; it answers within two times that of a
  // question.
  loop::Task<Found> find(Zone zone, base::Address address);

  void forget_all() { answers_.clear(); }  // but not which zones work

 private:
  using Clock = std::chrono::steady_clock;
  using Codes = Fact<std::vector<std::string>>;

  // Of one zone, for one family of addresses.
  struct Health {
    enum class State { unchecked, works, silent, broken } state = State::unchecked;
    std::string who;      // for the log
    std::string problem;  // unless it works
    Clock::time_point check_at{};
    Clock::time_point alarm_at{};
    bool announced = false;  // the problem is in the log
    int unanswered = 0;      // questions in a row
    int generation = 0;      // what was told before it broke is not believed
  };

  loop::Task<Told<Codes>> ask(Zone zone, base::Address address);
  loop::Task<bool> check(Zone zone, bool v4);  // whether it works
  loop::Task<bool> check_once(const Zone& zone, bool v4);
  loop::Task<void> check_in_background(Zone zone, bool v4);
  void judge(Health& health, const clients::DnsAnswer& listed, const clients::DnsAnswer& unlisted);
  void set_aside(Health& health, Health::State state, std::string problem);
  Health& health_of(const Zone& zone, bool v4);
  Found unknown(const Zone& zone, const Health& health) const;

  clients::Dns& dns_;
  const ZoneCare care_;
  Memory<Codes> answers_;
  std::unordered_map<std::string, Health> healths_;  // by key_of()
  loop::Once<bool> checks_;
};

}  // namespace facts
