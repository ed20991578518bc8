// A file with the names of autonomous systems, one a line, byte for byte as Team Cymru tells them:
//   AS3209<TAB>VODANET International IP-Backbone of Vodafone, DE
//   3209 VODANET International IP-Backbone of Vodafone, DE
// The second form is that of https://ftp.ripe.net/ripe/asnames/asn.txt.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/facts/seed_text.h"

namespace facts {

class AsNames {
 public:
  // Blocks. An error has a line for each problem. Of two names of one system the first counts.
  static base::Result<AsNames> read(SeedText& text);

  std::string_view name_of(std::uint32_t number) const;  // empty: it is not in the file
  std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    std::uint32_t number, place, length;  // in names_
  };
  std::vector<Row> rows_;  // by number
  std::string names_;
};

}  // namespace facts
