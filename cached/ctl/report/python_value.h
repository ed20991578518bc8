// Python's text of its values, as the predecessor put them into the journal, and trail/places.cc
// does: {'name': 'Hesse', 'geoname_id': 2905330, 'code': None}. As much of it as comes there.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctl::report {

// Of a dict: its keys and values, texts without quotes and escapes, None as empty, others as they
// stand there. Of anything else, or beyond what is understood: what came before it.
std::vector<std::pair<std::string, std::string>> python_pairs(std::string_view text);

// Of a list or tuple of texts.
std::vector<std::string> python_texts(std::string_view text);

// Of a list or tuple: its items as they stand there.
std::vector<std::string_view> python_items(std::string_view text);

}  // namespace ctl::report
