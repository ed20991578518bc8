// See countries.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/countries.h"

namespace ctl::report {
namespace {

constexpr std::size_t most_countries = 1000;  // there are 250

}  // namespace

void CountryCodes::complete(Event& event) {
  const auto* geo = event.facts.geo.find();
  if (!geo || !geo->country.geoname_id) return;
  const auto& country = geo->country;
  const auto known = codes_.find(country.geoname_id);
  if (known == codes_.end()) {
    auto code = country.code;
    const auto& facts = event.facts;
    const auto found = code.empty() && city_ && event.has_address
                           ? facts::find_geo(*city_, facts.embedded.value_or(facts.address))
                           : facts::Fact<facts::Geo>();
    if (found.find() && found.find()->country.geoname_id == country.geoname_id)
      code = found.find()->country.code;
    if (code.empty() || codes_.size() >= most_countries) return;
    codes_.emplace(country.geoname_id, code);
  }
  if (!country.code.empty()) return;
  auto completed = *geo;
  completed.country.code = codes_.at(country.geoname_id);
  event.facts.geo = std::move(completed);
}

}  // namespace ctl::report
