// MaxMind databases (MMDB), and those of other makers that are laid out alike. A file has whatever
// fields it has: City, Country, Enterprise, ASN.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>

#include "cached/base/result.h"
#include "cached/facts/facts.h"

namespace facts {

class Mmdb;

// Blocks (65 MB: 0.2 s). The contents as they are now, copied to memory: what is done to the file
// later does not reach them. When the file has not changed since `before` was opened from it, that
// one again. A file that is corrupt or truncated is an error (`PATH: text`): its metadata or its
// search tree are. At most 1 GiB.
base::Result<std::shared_ptr<const Mmdb>> open_mmdb(const std::string& path,
                                                    const std::shared_ptr<const Mmdb>& before);

// What a file is opened for: find_geo or find_as.
enum class MmdbUse { geo, as };

// What the admin should know when a file, by the type it says it has, is not made for that; empty:
// it is. A file of a maker we do not know may do all the same, so it is no error.
std::string doubt(const Mmdb& file, MmdbUse use);

// The day its maker built it, by its own word: 2026-11-17.
std::string built_on(const Mmdb& file);

// What a City or Country file says of the address; absent: it has no record. A field that is not
// there, or not of its type, is 0 or empty. A record that cannot be read is unknown, with a line in
// the log (one in ten minutes). Loop thread only.
Fact<Geo> find_geo(const Mmdb& file, const base::Address& address);

// What an ASN file (or one with those fields) says: fills as_numbers and as_org, in the same way.
void find_as(const Mmdb& file, const base::Address& address, Facts& facts);

}  // namespace facts
