// A private directory with a SQLite store in it, for the length of a test.
// SPDX-License-Identifier: MIT

#pragma once

#include <doctest/doctest.h>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "cached/config/options.h"
#include "cached/stores/sqlite_statement.h"
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

  void run(const std::string& sql) const {
    const auto database = open();
    sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr);
    REQUIRE(std::string(sqlite3_errmsg(database.get())) == "not an error");
  }

  // The first column of what a SELECT finds in the database.
  std::vector<std::string> rows(const std::string& sql) const {
    const auto database = open();
    stores::Statement statement(database.get(), sql.c_str());
    REQUIRE_MESSAGE(statement, std::string(sqlite3_errmsg(database.get())));
    std::vector<std::string> found;
    while (statement.step() == SQLITE_ROW) found.push_back(statement.text(0));
    return found;
  }

 private:
  // Whoever is the last to close it, or the first to open it, has it for himself for a moment.
  stores::SqliteHandle open() const {
    sqlite3* opened = nullptr;
    sqlite3_open(options.database.path.c_str(), &opened);
    sqlite3_busy_timeout(opened, 5000);
    return stores::SqliteHandle(opened);
  }
};

}  // namespace tests
