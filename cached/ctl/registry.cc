// See registry.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/registry.h"

#include <iostream>

#include "cached/base/text.h"
#include "cached/ctl/usage.h"
#include "cached/facts/seeds.h"

namespace ctl {

base::Result<int> check_registry(const config::Options& options, Arguments arguments) {
  constexpr int exit_bad = 2;
  const std::string& directory = arguments.empty() ? options.registry.seeds : arguments.front();
  if (arguments.size() > 1) return wrong_usage("registry check [DIRECTORY]");
  if (directory.empty()) return base::Error{"[registry] seeds names no directory"};
  std::string warnings;
  const auto seeds = facts::open_seeds(directory, nullptr, warnings);
  std::cerr << (seeds ? warnings : seeds.error().text);
  if (!seeds || !warnings.empty()) return exit_bad;
  std::cout << directory << ": good\n" << (*seeds)->listing();
  return EXIT_SUCCESS;
}

}  // namespace ctl
