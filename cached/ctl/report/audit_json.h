// The audit line as JSON, of `[audit] format = json`: cached-audit(5).
// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>
#include <vector>

#include "cached/ctl/report/event.h"

namespace ctl::report {

// A field of a JSON object: a text, number or word, or the items of a list. Views of the line.
struct JsonField {
  std::string_view name, value;
  bool is_list = false;
  std::vector<std::string_view> items;
};

// Whether the fields, in their order, are those of an audit line.
bool is_audit_line(const std::vector<JsonField>& fields);

// Sets what the field says; null is not to be given. Others are not looked at.
void set_from_json(Event& event, const JsonField& field);

}  // namespace ctl::report
