// The codes of countries that an audit line names by their Geonames IDs only, for lists of codes.
// SPDX-License-Identifier: MIT

#pragma once

#include <map>
#include <memory>
#include <string>

#include "cached/ctl/report/event.h"
#include "cached/facts/geo.h"

namespace ctl::report {

// Which ID has which code is learned from entries that have both, and from the database of places,
// where that has the same country for an address as the line. What the line says is never replaced.
class CountryCodes {
 public:
  explicit CountryCodes(std::shared_ptr<const facts::Mmdb> city) : city_(std::move(city)) {}

  void complete(Event& event);

 private:
  const std::shared_ptr<const facts::Mmdb> city_;  // null: there is none
  std::map<std::uint32_t, std::string> codes_;     // by Geonames ID
};

}  // namespace ctl::report
