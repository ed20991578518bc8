// MMDBs for the tests: those that tests/mmdb/make-mmdb wrote, and files of any bytes.
// SPDX-License-Identifier: MIT

#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "cached/facts/geo.h"

namespace mmdb_files {

// Of tests/mmdb/NAME.json; run from the top directory.
inline std::string path_of(const std::string& name) { return "build/mmdb/" + name + ".mmdb"; }

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::shared_ptr<const facts::Mmdb> open(const std::string& name) {
  const auto file = facts::open_mmdb(path_of(name), nullptr);
  REQUIRE_MESSAGE(file, file.error().text);
  return *file;
}

// A file that is gone after the test.
class Temporary {
 public:
  explicit Temporary(const std::string& bytes = {}) {
    close(mkstemp(path_.data()));
    write(bytes);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() { unlink(path_.c_str()); }

  // In place.
  void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/checkpass-test-XXXXXX";
};

inline base::Address address(const char* text) {
  const auto parsed = base::parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace mmdb_files
