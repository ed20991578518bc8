// See circles.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/circles.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

#include "cached/base/text.h"

namespace rules {
namespace {

using base::cat;
using base::Error;

constexpr double earth_radius = 6371.0088;  // km, the mean radius (IUGG)
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Part {
  const char* name;
  double Circle::*member;
  double least, most;
  const char* limits;
};
constexpr Part parts[] = {
    {"latitude", &Circle::latitude, -90, 90, "between -90 and 90"},
    {"longitude", &Circle::longitude, -180, 180, "between -180 and 180"},
    {"radius", &Circle::radius, 0, infinity, "0 km or more"},
    {"share", &Circle::share, 0, infinity, "0 or more"},
};

std::optional<double> parse_decimal(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;  // from_chars takes inf and nan
  return number;
}

}  // namespace

// Haversine. It stays exact for neighbours, and rounding must not lead out of the sphere for
// antipodes.
double distance(const facts::Position& a, const facts::Position& b) {
  constexpr double radian = std::numbers::pi / 180;
  const double north = std::sin((b.latitude - a.latitude) * radian / 2);
  const double east = std::sin((b.longitude - a.longitude) * radian / 2);
  const double cosines = std::cos(a.latitude * radian) * std::cos(b.latitude * radian);
  const double haversine = north * north + cosines * east * east;
  return 2 * earth_radius * std::asin(std::sqrt(std::min(haversine, 1.0)));
}

base::Result<Circle> parse_circle(std::string_view text) {
  if (std::count(text.begin(), text.end(), ',') != std::ssize(parts) - 1)
    return Error{cat(base::printable(text), " is not latitude,longitude,radius,share")};
  Circle circle{};
  int n = 0;
  for (const Part& part : parts) {
    const auto field = base::trim(*base::part(text, ',', n++));
    const auto number = parse_decimal(field);
    if (!number || *number < part.least || *number > part.most)
      return Error{
          cat("the ", part.name, " <", base::printable(field), "> must be a number ", part.limits)};
    circle.*part.member = *number;
  }
  return circle;
}

double overlap(const Circle& circle, const facts::Position& other) {
  const facts::Position centre{circle.latitude, circle.longitude, {}, {}};
  const double beyond = distance(centre, other) - circle.radius;  // their centre, from our edge
  const double radius = other.accuracy_radius.value_or(0);
  if (radius == 0) return beyond <= 0 ? 1 : 0;
  return std::clamp(1 - beyond / radius, 0.0, 1.0);
}

std::optional<RuleId> Circles::find(const facts::Position& position, const Live& live) const {
  for (const auto& [circle, id] : circles_) {
    const double share = overlap(circle, position);
    if (share > 0 && share >= std::min(circle.share, 1.0) && live(id)) return id;
  }
  return std::nullopt;
}

}  // namespace rules
