// Files of the registries, written by the tests.
// SPDX-License-Identifier: MIT

#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "cached/base/check.h"
#include "cached/base/descriptor.h"
#include "cached/base/ip.h"
#include "cached/facts/seed_text.h"

namespace seed_files {

// As if it stood in a file x.
inline facts::SeedText text_of(std::string_view text) {
  const int file = memfd_create("seed", MFD_CLOEXEC);
  base::check(pwrite(file, text.data(), text.size(), 0) >= 0, "there is memory");
  return facts::SeedText("x", base::Descriptor(file));
}

inline base::Address address(const char* text) { return *base::parse_address(text); }

// A directory that is gone with its owner.
class Directory {
 public:
  Directory() {
    std::string path = (std::filesystem::temp_directory_path() / "seeds.XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  // As update-registry does it.
  void write(std::string_view name, std::string_view text) const {
    std::ofstream(path(".new"), std::ios::binary) << text;
    std::filesystem::rename(path(".new"), path(name));
  }

 private:
  std::string path_;
};

}  // namespace seed_files
