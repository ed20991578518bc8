// Reads the values of an MMDB record, so many and no more. libmaxminddb decodes each and keeps to
// the file. What it does not bound (1.7.1): its own walks recurse as deep as a file says, and
// follow pointers into the same place as often as it says. So the walk is ours.
// SPDX-License-Identifier: MIT

#pragma once

#include <maxminddb.h>

#include <cstdint>
#include <string_view>

namespace facts {

using MmdbValue = MMDB_entry_data_s;

class MmdbWalk {
 public:
  // Places are offsets into the data section of `file`. At most `values` are read or skipped.
  MmdbWalk(const MMDB_s& file, int values) : file_(file), left_(values) {}

  // The value at a place, or what the pointer there points to. After a failure: of no type.
  MmdbValue read(std::uint32_t place);

  // The place behind a value and all that is in it, pointers not followed.
  std::uint32_t behind(std::uint32_t place);

  // Once something could not be read, or was too much, nothing else is.
  bool failed() const { return failed_; }
  void fail() { failed_ = true; }

 private:
  const MMDB_s& file_;
  int left_;
  bool failed_ = false;
};

// What is in a map or an array, one after the other; there is nothing in anything else.
class MmdbMembers {
 public:
  MmdbMembers(MmdbWalk& walk, const MmdbValue& container);
  bool next();

  std::string_view key;  // empty in an array
  MmdbValue value{};

 private:
  MmdbWalk& walk_;
  const bool keyed_;
  std::uint32_t left_;
  std::uint32_t place_ = 0;  // of `value`
};

bool is_container(const MmdbValue& value);
bool is_text(const MmdbValue& value);
std::string_view text_of(const MmdbValue& value);  // empty: it is none

}  // namespace facts
