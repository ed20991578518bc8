// So many at a time, and who waits for it.
// SPDX-License-Identifier: MIT

#include "cached/facts/gate.h"

#include <string>

#include "cached/loop/sleep.h"
#include "tests/loop/test_loop.h"

namespace {

using facts::Gate;
using std::chrono::milliseconds;

struct Visits : tests::TestLoop {
  Gate gate{4, 3};
  std::string story;  // who came in, or was turned away (-), in order
  int inside = 0, most_inside = 0;

  void visit(char name, milliseconds stay, bool is_waited_for = true,
             milliseconds time = milliseconds(5000)) {
    loop::spawn(run_visit(name, stay, is_waited_for, time));
  }
  void finish() {
    while (loop::roots() > 0) uv_run(&loop, UV_RUN_ONCE);
  }

 private:
  loop::Task<void> run_visit(char name, milliseconds stay, bool is_waited_for, milliseconds time) {
    Gate::Place place(gate, time, is_waited_for);
    co_await place;
    if (!place.has_entered()) story += '-';
    story += name;
    if (!place.has_entered()) co_return;
    most_inside = std::max(most_inside, ++inside);
    auto pause = loop::sleep(&loop, stay);
    co_await pause;
    inside--;
  }
};

}  // namespace

TEST_CASE("four at a time, three wait for their turn, and the next is turned away") {
  Visits visits;
  for (const char name : {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'})
    visits.visit(name, milliseconds(5));
  CHECK(visits.story == "abcd-h");
  visits.finish();
  CHECK(visits.story == "abcd-hefg");
  CHECK(visits.most_inside == 4);
}

TEST_CASE("who has waited too long is turned away when the next one leaves") {
  Visits visits;
  for (const char name : {'a', 'b', 'c', 'd'}) visits.visit(name, milliseconds(50));
  visits.visit('e', milliseconds(1), true, milliseconds(10));
  visits.visit('f', milliseconds(1));
  visits.finish();
  CHECK(visits.story == "abcd-ef");
}

TEST_CASE("who is not waited for leaves the last places to others, and does not wait") {
  Visits visits;
  for (const char name : {'a', 'b', 'c', 'd'}) visits.visit(name, milliseconds(1), false);
  CHECK(visits.story == "abc-d");
  visits.visit('e', milliseconds(1));
  CHECK(visits.story == "abc-de");
  visits.finish();
}
