// What kind of list a file is: as the command line, the configuration or its name says.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/rules/list.h"

namespace ctl {

// By --type and --syntax.
struct GivenForList {
  const rules::ListType* type = nullptr;
  std::optional<rules::Syntax> syntax;
};

// Takes --type and --syntax; false for another option, an error for a bad value.
base::Result<bool> take_list_option(GivenForList& given, const std::string& name,
                                    const std::string& value);

// What the command line does not say of a file: the configuration's list of that path does, or the
// file's name, or that a syntax is given for it.
base::Result<rules::ListSettings> settings_for(const config::Options& options,
                                               const std::string& path, const GivenForList& given);

}  // namespace ctl
