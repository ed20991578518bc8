// Circles: how lines of a list are read, distances on a globe, and what overlaps.
// SPDX-License-Identifier: MIT

#include "cached/rules/circles.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using doctest::Approx;
using facts::Position;
using rules::Circle;
using rules::Circles;
using rules::Live;
using rules::overlap;
using rules::parse_circle;

namespace {

constexpr double half_around = 20015.1145;  // km, pi times the mean Earth radius

Position at(double latitude, double longitude, std::optional<std::uint32_t> radius = {}) {
  return {latitude, longitude, radius, {}};
}

// In km, as seen from outside: the radius at which a point comes to lie inside.
double distance(double latitude, double longitude, const Position& other) {
  double inside = 2 * half_around, outside = 0;
  for (int i = 0; i < 60; i++) {
    const double middle = (inside + outside) / 2;
    const bool holds = overlap({latitude, longitude, middle, 1}, other) == 1;
    (holds ? inside : outside) = middle;
  }
  return inside;
}

bool matches(std::string_view line, const Position& position) {
  const auto circle = parse_circle(line);
  REQUIRE_MESSAGE(circle, line);
  Circles circles;
  circles.add(*circle, 0);
  return circles.find(position, Live({{}}, 0)).has_value();
}

}  // namespace

TEST_CASE("a circle is latitude,longitude,radius,share") {
  const auto circle = parse_circle("38.741104,-49.6676859,100,0.5");
  REQUIRE(circle);
  CHECK(circle->latitude == 38.741104);
  CHECK(circle->longitude == -49.6676859);
  CHECK(circle->radius == 100);
  CHECK(circle->share == 0.5);
  for (const char* good : {"90,180,0,0", "-90,-180,1e4,2", " 1 , 2\t,3 ,.5", "-0,0,0.001,1"})
    CHECK_MESSAGE(parse_circle(good), good);
}

TEST_CASE("a line that is no circle is refused with the reason") {
  const auto reason = [](std::string_view text) { return parse_circle(text).error().text; };
  CHECK(reason("38.7,-49.6,100") == "38.7,-49.6,100 is not latitude,longitude,radius,share");
  CHECK(reason("1,2,3,4,5") == "1,2,3,4,5 is not latitude,longitude,radius,share");
  CHECK(reason("90.1,2,3,1") == "the latitude <90.1> must be a number between -90 and 90");
  CHECK(reason("1,-180.5,3,1") == "the longitude <-180.5> must be a number between -180 and 180");
  CHECK(reason("1,2,-3,1") == "the radius <-3> must be a number 0 km or more");
  CHECK(reason("1,2,3,-0.1") == "the share <-0.1> must be a number 0 or more");
  CHECK(reason("1,2,3 km,1") == "the radius <3 km> must be a number 0 km or more");
  for (const char* bad : {"", ",", ",,,", "1,2,3,", "nan,2,3,1", "1,nan,3,1", "1,2,inf,1",
                          "1,2,3,nan", "1,2,3,infinity", "1,2,1e999,1", "0x1,2,3,1", "1;2;3;1",
                          "1,2,3,50%", "1 1,2,3,1", "--1,2,3,1"})
    CHECK_MESSAGE(!parse_circle(bad), bad);
  CHECK(!parse_circle(std::string_view("1,2,3,1\0", 8)));
}

TEST_CASE("distances are those on a globe") {
  CHECK(distance(52.52, 13.405, at(48.137, 11.575)) == Approx(504.4).epsilon(0.001));
  CHECK(distance(50, 8, at(50, 8)) == Approx(0));
  CHECK(distance(0, 0, at(0, 1)) == Approx(111.195).epsilon(0.0001));
  CHECK(distance(0, 179.5, at(0, -179.5)) == Approx(111.195).epsilon(0.0001));  // the date line
  CHECK(distance(10, 180, at(10, -180)) == Approx(0));
  CHECK(distance(90, 12, at(90, -170)) == Approx(0).epsilon(1e-6));  // a pole has all longitudes
  CHECK(distance(89.5, 0, at(89.5, 180)) == Approx(111.195).epsilon(0.0001));  // over the pole
  CHECK(distance(90, 0, at(-90, 77)) == Approx(half_around));
  CHECK(distance(0, 0, at(0, 180)) == Approx(half_around));
  CHECK(distance(37.5, -49.1, at(-37.5, 130.9)) == Approx(half_around));  // antipodes
  CHECK(distance(60, 0, at(60, 1)) == Approx(55.6).epsilon(0.001));  // K09: not degrees in a cosine
}

TEST_CASE("two circles of 100 km, 150 km apart, overlap by 50 km: the manual's example (K09)") {
  const Circle ours{38.741104, -49.6676859, 100, 0.5};
  const Position theirs = at(37.977529, -48.2432889, 100);
  CHECK(distance(ours.latitude, ours.longitude, theirs) == Approx(150.5).epsilon(0.005));
  CHECK(overlap(ours, theirs) == Approx(0.5).epsilon(0.02));
  CHECK(matches("38.741104,-49.6676859,100,0.45", theirs));
  CHECK(!matches("38.741104,-49.6676859,100,0.55", theirs));
}

TEST_CASE("the share is that of their radius, and with 1 and more their centre is inside") {
  const Position theirs = at(0, 1, 50);  // 111.195 km from 0,0
  CHECK(overlap({0, 0, 61, 0}, theirs) == 0);
  CHECK(overlap({0, 0, 86.195, 0}, theirs) == Approx(0.5).epsilon(0.001));
  CHECK(overlap({0, 0, 112, 0}, theirs) == 1);
  CHECK(overlap({0, 0, 20000, 0}, theirs) == 1);
  for (const char* share : {"1", "1.5", "100"}) {
    CHECK(!matches("0,0,111," + std::string(share), theirs));
    CHECK(matches("0,0,112," + std::string(share), theirs));
  }
  CHECK(matches("0,0,62,0", theirs));
  CHECK(!matches("0,0,61,0", theirs));    // apart: not even a share of 0
  CHECK(matches("0,0.9,0,0.5", theirs));  // a point of ours, 11 km from the middle of theirs
  CHECK(!matches("0,0.7,0,0.5", theirs));
}

TEST_CASE("a position without an accuracy radius, or with 0, is a point") {
  for (const auto& point : {at(0, 1), at(0, 1, 0)}) {
    CHECK(overlap({0, 0, 112, 0}, point) == 1);
    CHECK(overlap({0, 0, 111, 0}, point) == 0);
    CHECK(overlap({0, 1, 0, 0}, point) == 1);
    CHECK(matches("0,0,112,0.5", point));
    CHECK(!matches("0,0,111,0", point));
  }
}

// K10: without any position there is nothing to ask here; facts::Geo says so.
TEST_CASE("what a damaged file says of a position makes no crash") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& odd : {at(nan, 0, 5), at(0, nan), at(infinity, 0, 5), at(0, -infinity)}) {
    CHECK(!(overlap({0, 0, 100, 0}, odd) > 0));
    CHECK(!matches("0,0,100,0", odd));
  }
  CHECK(!(overlap({0, 0, 100, 0}, at(1e300, 1e300, UINT32_MAX)) > 1));
}

TEST_CASE("the first circle that matches and has not ended is found") {
  Circles circles;
  circles.add({50, 8, 10, 1}, 0);
  circles.add({52, 13, 100, 1}, 1);
  circles.add({52, 13, 100, 1}, 2);
  const std::vector<rules::Rule> rules = {{1}, {2, 1000}, {3}};
  CHECK(circles.find(at(52.1, 13.1, 20), Live(rules, 999)) == 1);
  CHECK(circles.find(at(52.1, 13.1, 20), Live(rules, 1000)) == 2);
  CHECK(!circles.find(at(0, 0, 20), Live(rules, 999)));
}
