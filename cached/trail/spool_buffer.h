// Rows that are safe from the end of cached's process as soon as they are put, without a system
// call and without a wait: a file of equal slots that is mapped into memory. On a tmpfs, as /run
// is, there is no disk behind it, and what is in it ends with the machine.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cached/base/descriptor.h"
#include "cached/base/result.h"
#include "cached/trail/spool_row.h"

namespace trail {

class SpoolBuffer {
 public:
  using Slot = std::uint32_t;
  struct Found {
    Slot slot;
    SpoolRow row;
  };

  // Makes the file when it is not there, with all the room it will ever take, and locks it: it is
  // of one cached. A file of another format is moved aside.
  static base::Result<std::unique_ptr<SpoolBuffer>> open(const std::string& path);

  // What was in it, and still is; to be called once. The log tells what was damaged.
  std::vector<Found> read();

  std::optional<Slot> put(const SpoolRow& row);  // nullopt: there is no room for it
  void remove(Slot slot);
  bool is_filling() const { return free_.size() < slots_ / 4; }

 private:
  struct Header;
  struct Record;
  struct Unmap {
    std::size_t size;
    void operator()(char* memory) const;
  };
  using Memory = std::unique_ptr<char, Unmap>;

  SpoolBuffer(std::string path, int file, Memory memory, const Header& header);
  Record& at(Slot slot) const;
  std::size_t room() const;  // for the body of a row

  const std::string path_;
  const base::Descriptor file_;  // holds the lock
  const Memory memory_;
  const std::size_t slots_, slot_size_;  // as the file has them
  std::vector<Slot> free_;               // the last one was in use last: its memory is at hand
};

}  // namespace trail
