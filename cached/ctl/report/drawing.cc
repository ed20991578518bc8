// See drawing.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/drawing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numbers>
#include <vector>

#include "cached/base/text.h"

namespace ctl::report {
namespace {

using base::cat;

// Rings of land, tenths of a degree.
using Ring = std::vector<short>;
const std::vector<Ring>& all_land() {
  static const std::vector<Ring> rings = {
#define RING(...) {__VA_ARGS__},
#include "cached/ctl/report/world.def"
#undef RING
  };
  return rings;
}

constexpr double map_width = 1000;
constexpr double south_end = -58;  // nobody logs in from Antarctica

std::string decimal(double number) {
  char text[32];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.1f", number))};
}

std::string path_of(const Ring& ring) {
  std::string path;
  for (std::size_t i = 0; i + 1 < ring.size(); i += 2) {
    const auto at = project(ring[i + 1] / 10.0, ring[i] / 10.0);
    path += cat(i == 0 ? "M" : "L", decimal(at.x), " ", decimal(at.y));
  }
  return path + "Z";
}

bool is_antarctic(const Ring& ring) {
  for (std::size_t i = 1; i < ring.size(); i += 2)
    if (ring[i] > south_end * 10) return false;
  return true;
}

std::string draw_land() {
  std::string path;
  for (const Ring& ring : all_land())
    if (!is_antarctic(ring)) path += path_of(ring);
  return cat("<path class=\"land\" d=\"", path, "\"/>");
}

std::string draw_grid() {
  std::string path;
  const auto line_to = [&](double latitude, double longitude, bool first) {
    const auto at = project(latitude, longitude);
    path += cat(first ? "M" : "L", decimal(at.x), " ", decimal(at.y));
  };
  for (int longitude = -180; longitude <= 180; longitude += 30)
    for (int latitude = -58; latitude <= 84; latitude += 2)
      line_to(latitude, longitude, latitude == -58);
  for (int latitude = -30; latitude <= 60; latitude += 30)
    line_to(latitude, -180, true), line_to(latitude, 180, false);
  return cat("<path class=\"grid\" d=\"", path, "\"/>");
}

std::uint64_t sum_of(const std::uint64_t (&counts)[most_series]) {
  std::uint64_t sum = 0;
  for (const auto count : counts) sum += count;
  return sum;
}

// The colour of a point: of what matters most there.
std::size_t series_of(const MapPoint& point) {
  if (point.counts[1]) return 1;
  return point.counts[2] > point.counts[0] ? 2 : point.counts[0] ? 0 : 3;
}

// A number at or above `most` that is easy to read.
std::uint64_t round_up(std::uint64_t most) {
  for (std::uint64_t power = 1;; power *= 10)
    for (const std::uint64_t step : {1, 2, 5})
      if (power * step >= most || power >= 1'000'000'000'000'000) return power * step;
}

// Of a bar, where it is a round one; of so many bars, not more than fit side by side.
std::string label_of(Seconds time, Calendar::Unit unit, std::size_t bars) {
  const std::time_t seconds = time;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  const bool hours = unit == Calendar::Unit::hour, months = unit == Calendar::Unit::month;
  const int number = hours ? parts.tm_hour : months ? parts.tm_mon : parts.tm_mday - 1;
  constexpr std::size_t most = 14;
  int step = 1;
  for (const int wider : {2, 3, 6, 12, 24})
    if (bars / static_cast<std::size_t>(step) > most) step = wider;
  // Of a month's last days there is not room for one more before the next one's first.
  if (number % step != 0 || (!hours && !months && step > 1 && number > 28)) return {};
  const char* const form = hours && number > 0 ? "%H:%M" : months ? "%b %Y" : "%d %b";
  char text[32];
  return {text, std::strftime(text, sizeof text, form, &parts)};
}

}  // namespace

OnMap project(double latitude, double longitude) {
  constexpr double a1 = 1.340264, a2 = -0.081106, a3 = 0.000893, a4 = 0.003796;
  constexpr double radian = std::numbers::pi / 180;
  const double root = std::sqrt(3.0);
  const auto point = [&](double phi, double lambda) -> OnMap {
    const double t = std::asin(root / 2 * std::sin(phi)), t2 = t * t, t6 = t2 * t2 * t2;
    const double down = 3 * (9 * a4 * t6 * t2 + 7 * a3 * t6 + 3 * a2 * t2 + a1);
    return {2 * root * lambda * std::cos(t) / down, t * (a4 * t6 * t2 + a3 * t6 + a2 * t2 + a1)};
  };
  const double scale = map_width / 2 / point(0, std::numbers::pi).x;
  const double top = point(84 * radian, 0).y;
  const auto at = point(latitude * radian, longitude * radian);
  return {map_width / 2 + at.x * scale, (top - at.y) * scale};
}

std::string html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    const auto plain = text.substr(0, text.find_first_of("<>&\"'"));
    if (!plain.empty()) {
      out += base::printable(plain);
      text.remove_prefix(plain.size());
      continue;
    }
    out += c == '<'   ? "&lt;"
           : c == '>' ? "&gt;"
           : c == '&' ? "&amp;"
           : c == '"' ? "&quot;"
                      : "&#39;";
    text.remove_prefix(1);
  }
  return out;
}

std::string counts_text(const Sheet& sheet, const std::uint64_t (&counts)[most_series]) {
  std::string text;
  for (std::size_t i = 0; i < sheet.series.size(); i++) {
    if (!counts[i]) continue;
    auto name = sheet.series[i];
    std::replace(name.begin(), name.end(), '_', ' ');
    text += cat(text.empty() ? "" : ", ", counts[i], " ", name);
  }
  return text.empty() ? "nothing" : text;
}

std::string draw_map(const Sheet& sheet) {
  static const std::string world = draw_grid() + draw_land();
  const double height = project(south_end, 0).y;
  auto svg = cat("<svg id=\"map\" viewBox=\"0 0 1000 ", decimal(height),
                 "\" role=\"img\" aria-label=\"Map of logins\">", world);
  std::uint64_t most = 1;
  for (const MapPoint& point : sheet.points) most = std::max(most, sum_of(point.counts));
  for (const MapPoint& point : sheet.points) {
    const auto at = project(point.latitude, point.longitude);
    const auto share = static_cast<double>(sum_of(point.counts)) / static_cast<double>(most);
    const auto radius = decimal(2.2 + 11 * std::sqrt(share));
    svg += cat("<circle class=\"s", series_of(point), "\" cx=\"", decimal(at.x), "\" cy=\"",
               decimal(at.y), "\" r=\"", radius, "\" data-r=\"", radius, "\"><title>",
               html(point.place), point.place.empty() ? "" : ": ", counts_text(sheet, point.counts),
               "</title></circle>");
  }
  return svg + "</svg>";
}

std::string draw_bars(const Sheet& sheet) {
  constexpr double width = 980, height = 180, left = 46, bottom = 20, top = 8;
  std::uint64_t most = 1;
  for (const Bar& bar : sheet.bars) most = std::max(most, sum_of(bar.counts));
  most = round_up(most);
  std::string svg =
      "<svg id=\"bars\" viewBox=\"0 0 1000 205\" role=\"img\" "
      "aria-label=\"Logins over time\">";
  const auto y_of = [&](double share) { return height - share * (height - top); };
  for (const double share : {0.0, 0.5, 1.0})
    svg += cat("<line x1=\"", decimal(left), "\" x2=\"980\" y1=\"", decimal(y_of(share)),
               "\" y2=\"", decimal(y_of(share)), "\"/><text text-anchor=\"end\" x=\"",
               decimal(left - 6), "\" y=\"", decimal(y_of(share) + 4), "\">",
               static_cast<std::uint64_t>(share * static_cast<double>(most)), "</text>");
  const double step =
      (width - left) / static_cast<double>(std::max<std::size_t>(sheet.bars.size(), 1));
  for (std::size_t i = 0; i < sheet.bars.size(); i++) {
    const Bar& bar = sheet.bars[i];
    const double x = left + step * static_cast<double>(i);
    svg += cat("<g class=\"bar\"><title>", time_text(bar.start), ": ",
               counts_text(sheet, bar.counts), "</title>");
    double share = 0;
    for (std::size_t s = 0; s < sheet.series.size(); s++) {
      const double part = static_cast<double>(bar.counts[s]) / static_cast<double>(most);
      if (part == 0) continue;
      share += part;
      svg += cat("<rect class=\"s", s, "\" x=\"", decimal(x + step * 0.1), "\" y=\"",
                 decimal(y_of(share)), "\" width=\"", decimal(step * 0.8), "\" height=\"",
                 decimal(std::max(part * (height - top), 0.5)), "\"/>");
    }
    svg += "</g>";
    if (const auto label = label_of(bar.start, sheet.bar, sheet.bars.size()); !label.empty())
      svg += cat("<text text-anchor=\"middle\" x=\"", decimal(x + step / 2), "\" y=\"",
                 decimal(height + bottom - 5), "\">", label, "</text>");
  }
  return svg + "</svg>";
}

}  // namespace ctl::report
