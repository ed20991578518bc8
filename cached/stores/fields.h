// Dovecot fields made from the attributes of a directory entry: name=template, where %{attribute}
// stands for the first value of the attribute, and %% for a percent sign.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"

namespace stores {

struct Field {
  struct Piece {
    bool is_attribute = false;
    std::string text;  // or the attribute's name
  };
  std::string name;
  std::vector<Piece> pieces;
};

// An error says what is wrong with it, and quotes it.
base::Result<Field> parse_field(std::string_view word);

using FirstValue = std::function<std::optional<std::string>(const std::string& attribute)>;

// nullopt: the entry does not have an attribute of it, or one that is empty, longer than 1024 bytes
// or has control characters in it.
std::optional<std::string> fill(const Field& field, const FirstValue& first_value);

}  // namespace stores
