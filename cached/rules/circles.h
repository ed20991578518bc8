// Circles on the globe: does MaxMind's circle (a position and its accuracy) lie in one of them?
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/facts/facts.h"
#include "cached/rules/rule.h"

namespace rules {

struct Circle {
  double latitude, longitude;  // degrees
  double radius;               // km
  double share;  // of the other's radius that must overlap; 1 and more: its centre is inside
};

// latitude,longitude,radius,share: decimal numbers, blanks around them are allowed.
base::Result<Circle> parse_circle(std::string_view text);

// On the great circle, in km, between two positions without their accuracy.
double distance(const facts::Position& a, const facts::Position& b);

// How far the other circle reaches into this one, on the great circle between the centres, as a
// share of the other's radius: from 0 (apart) to 1 (its centre is inside). A position without an
// accuracy radius, or with 0, is a point: inside or not.
double overlap(const Circle& circle, const facts::Position& other);

class Circles {
 public:
  void add(const Circle& circle, RuleId id) { circles_.push_back({circle, id}); }

  // The first live rule whose circle overlaps the position's by its share, and overlaps at all.
  std::optional<RuleId> find(const facts::Position& position, const Live& live) const;

 private:
  struct Row {
    Circle circle;
    RuleId id;
  };
  std::vector<Row> circles_;
};

}  // namespace rules
