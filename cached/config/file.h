// Reads cached.conf: INI by inih, every problem reported with file and line, all in one pass.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/result.h"
#include "cached/config/options.h"

namespace config {

inline constexpr char default_path[] = "/etc/checkpass/cached.conf";

struct File {
  Options options;
  // Where what the file has stands: `[section] name`, and of a family's sections `[list NAME]`.
  std::map<std::string, int, std::less<>> lines;
  bool built_in = true;  // no file was there

  // `PATH:LINE: [section] name`, for an error found later than by the parser. Without a line when
  // the file does not have it; an option that a family's section lacks is at the section's line.
  // `section` is what stands in the brackets: `log`, `list NAME`.
  std::string where(const std::string& path, std::string_view section, std::string_view name) const;

  // The same before each line of an error that has the form `OPTION: text`.
  std::string located(const std::string& path, std::string_view section,
                      std::string_view lines_of_error) const;

  bool has(std::string_view section, std::string_view name) const;  // stands in the file
};

// Blocks. Refuses a file that others than its owner and group can write. An error has one line for
// each problem: `FILE:LINE: text`.
base::Result<File> load_file(const std::string& path);

// The same for text that is already in memory; `path` is for messages.
base::Result<File> parse_file(std::string_view text, const std::string& path);

// What no file would give.
File default_file();

// The file at `path`; when `path` is the default one and does not exist, the built-in defaults.
base::Result<File> load_file_or_defaults(const std::string& path);

// Whether an option of the section differs.
bool differs(const Options& before, const Options& after, std::string_view section);

// Names of options (`[section] name`) that differ and that only a restart takes over.
std::vector<std::string> needs_restart(const File& before, const File& after);

}  // namespace config
