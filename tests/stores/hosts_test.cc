// The order in which servers are tried, and how long a silent one is left alone.
// SPDX-License-Identifier: MIT

#include "cached/stores/hosts.h"

#include <doctest/doctest.h>

using std::chrono::milliseconds;
using std::chrono::seconds;
using stores::Hosts;

namespace {

// Lets one caller find the host silent again and again; returns how long it rests then.
milliseconds rest_after(Hosts& hosts, std::size_t host, int failures,
                        Hosts::Clock::time_point& now) {
  auto start = now;
  for (int i = 0; i < failures; i++) {
    now += seconds(2);  // that is what trying it took
    hosts.down(host, "silent", now);
    hosts.down(host, "silent", now);  // another thread has found out too: that counts once
    start = now;
    while (hosts.next(host, now) != host) now += milliseconds(1);
  }
  return std::chrono::duration_cast<milliseconds>(now - start);
}

}  // namespace

TEST_CASE("the first host that answers is used, and the next one when it does not") {
  Hosts hosts("database", {"one", "two", "three"}, seconds(30));
  auto now = Hosts::Clock::now();
  CHECK(hosts.next(0, now) == 0);
  now += seconds(2);
  hosts.down(0, "one is silent", now);
  CHECK(hosts.next(1, now) == 1);
  hosts.up(1);
  CHECK(hosts.next(0, now) == 1);
  CHECK(hosts.is_down(0));
  CHECK(!hosts.has_better(1, now));
  CHECK(hosts.has_better(1, now + milliseconds(60)));
  CHECK(hosts.next(0, now + milliseconds(60)) == 0);
  hosts.up(0);
  CHECK(!hosts.is_down(0));
}

TEST_CASE("a host that was silent is tried by one caller at a time") {
  Hosts hosts("database", {"one"}, seconds(30));
  auto now = Hosts::Clock::now();
  hosts.down(0, "connection refused", now);
  now += seconds(1);
  CHECK(hosts.next(0, now) == 0);
  CHECK(!hosts.next(0, now));
  CHECK(hosts.last_problem() == "connection refused");
  hosts.up(0);
  CHECK(hosts.next(0, now) == 0);
  CHECK(hosts.next(0, now) == 0);
}

TEST_CASE("a host rests longer and longer, but never long when no other one answers") {
  Hosts hosts("database", {"one", "two"}, seconds(30));
  auto now = Hosts::Clock::now();
  CHECK(hosts.next(0, now) == 0);
  CHECK(rest_after(hosts, 0, 1, now) == milliseconds(50));
  CHECK(rest_after(hosts, 0, 1, now) == milliseconds(100));
  CHECK(rest_after(hosts, 0, 20, now) == seconds(30));
  now += seconds(2);
  hosts.down(0, "silent", now);
  hosts.down(1, "silent", now);  // now nobody is left
  CHECK(hosts.next(0, now + seconds(1)) == 0);
}

TEST_CASE("D05: a host that refuses at once is tried again at once") {
  Hosts hosts("database", {"one"}, seconds(30));
  auto now = Hosts::Clock::now();
  for (int i = 0; i < 20; i++) {
    CHECK(hosts.next(0, now) == 0);
    now += milliseconds(1);
    hosts.down(0, "connection refused", now);
    now += milliseconds(20);
  }
}
