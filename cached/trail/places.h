// How places are written: in the audit line, and in the journal as the predecessor did, which is
// Python's text of its values, because its own report reads them back.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "cached/base/log.h"
#include "cached/facts/facts.h"

namespace trail {

// city=<2925533/Frankfurt am Main>, subdivision=<...>, ..., lat=50.1188, lon=8.6843, rad=20km
std::string places_in_line(const facts::Geo& geo);

// AUDIT_MAXMIND_CITY={'name': 'Frankfurt am Main', 'geoname_id': 2925533, 'code': None}, ...
std::vector<base::log::Field> places_in_journal(const facts::Geo& geo);

// ['GOGL']; [] when there are none, and None when it is not known.
std::string python_list(const facts::Fact<std::vector<std::string>>& words);

}  // namespace trail
