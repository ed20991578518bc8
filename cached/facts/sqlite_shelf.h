// The Shelf of one mail host: an SQLite file (shelf_file.h), which nobody waits for.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <memory>
#include <string>

#include "cached/facts/shelf.h"

namespace facts {

class SqliteShelf final : public Shelf {
 public:
  // Opens the file, or makes it, on a thread of its own. Without a file nothing is kept, and a line
  // in the log says why. What is being written when it goes is still written: run the loop.
  SqliteShelf(uv_loop_t* loop, std::string path, std::size_t most_rows);

  loop::Task<Kept> read(std::string key) override;
  bool may_have(const std::string& key) const override;
  void write(std::string key, Fields fields, std::chrono::seconds kept) override;
  void erase(std::string key) override;
  void erase_all() override;
  loop::Task<bool> claim(std::string key) override;
  bool is_shared() const override { return false; }
  void stop() override;

 private:
  struct State;
  static loop::Task<Kept> read_file(std::shared_ptr<State> self, std::string key);
  static loop::Task<void> write_file(std::shared_ptr<State> self);

  const std::shared_ptr<State> state_;  // whoever is on the thread has it too
};

}  // namespace facts
