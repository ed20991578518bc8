// MaxMind databases (MMDB). A file has whatever fields it has: City, Country, Enterprise, ASN.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>

#include "cached/base/result.h"
#include "cached/facts/facts.h"

namespace facts {

class Mmdb;

// Blocks. The contents as they are now: what is done to the file later does not reach it. When the
// file has not changed since `before` was opened from it, that one again. A file that is corrupt or
// truncated is an error.
base::Result<std::shared_ptr<const Mmdb>> open_mmdb(const std::string& path,
                                                    const std::shared_ptr<const Mmdb>& before);

// What a City or Country file says of the address; absent: it has no record. A record that cannot
// be read is unknown, with a line in the log.
Fact<Geo> find_geo(const Mmdb& file, const base::Address& address);

// What an ASN file (or one with those fields) says: fills as_numbers and as_org.
void find_as(const Mmdb& file, const base::Address& address, Facts& facts);

}  // namespace facts
