// A private directory with a SQLite store in it, for the length of a test.
// SPDX-License-Identifier: MIT

#pragma once

#include <doctest/doctest.h>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "cached/config/options.h"
#include "cached/stores/store.h"

namespace tests {

struct Scratch {
  std::string directory;
  config::Options options = config::default_options();

  Scratch() {
    char name[] = "/tmp/checkpass-test-XXXXXX";
    directory = mkdtemp(name);
    options.database.path = directory + "/checkpass.db";
  }
  ~Scratch() { std::filesystem::remove_all(directory); }

  std::unique_ptr<stores::Connection> connect() {
    const auto prepared = stores::prepare(options.database);
    CHECK_MESSAGE(prepared, (prepared ? "" : prepared.error().text));
    auto connection = stores::connect_any(options.database);
    REQUIRE(connection);
    return std::move(*connection);
  }
};

}  // namespace tests
