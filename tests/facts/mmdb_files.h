// MMDBs for the tests: those that tests/mmdb/make-mmdb wrote, and files of any bytes.
// SPDX-License-Identifier: MIT

#pragma once

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "cached/base/descriptor.h"
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

// Bytes that can be opened like a file, fast.
class InMemory {
 public:
  explicit InMemory(const std::string& bytes) : file_(memfd_create("test", MFD_CLOEXEC)) {
    REQUIRE(::write(file_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  const base::Descriptor file_;
};

inline base::Address address(const char* text) {
  const auto parsed = base::parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace mmdb_files
