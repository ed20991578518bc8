// See mmdb_walk.h. The format: https://maxmind.github.io/MaxMind-DB/
// SPDX-License-Identifier: MIT

#include "cached/facts/mmdb_walk.h"

namespace facts {

MmdbValue MmdbWalk::read(std::uint32_t place) {
  static constexpr const char* no_path[] = {nullptr};  // the value itself
  MMDB_entry_s start{&file_, place};
  MmdbValue value{};
  if (failed_ || left_-- <= 0 || MMDB_aget_value(&start, &value, no_path) != MMDB_SUCCESS) {
    failed_ = true;
    value = {};
  }
  return value;
}

std::uint32_t MmdbWalk::behind(std::uint32_t place) {
  for (std::uint64_t pending = 1; pending > 0 && !failed_; pending--) {
    if (place >= file_.data_section_size || left_ <= 0) {
      failed_ = true;
      break;
    }
    const unsigned control = file_.data_section[place];
    if (control >> 5 == MMDB_DATA_TYPE_POINTER) {
      left_--;
      place += 2 + ((control >> 3) & 3);  // the control byte and 1 to 4 more
      continue;
    }
    const auto value = read(place);
    if (is_container(value))
      pending += std::uint64_t{value.data_size} * (value.type == MMDB_DATA_TYPE_MAP ? 2 : 1);
    place = value.offset_to_next;
  }
  return place;
}

MmdbMembers::MmdbMembers(MmdbWalk& walk, const MmdbValue& container)
    : walk_(walk),
      keyed_(container.type == MMDB_DATA_TYPE_MAP),
      left_(is_container(container) ? container.data_size : 0) {
  value.offset_to_next = container.offset_to_next;
}

bool MmdbMembers::next() {
  if (left_ == 0) return false;
  left_--;
  place_ = is_container(value) ? walk_.behind(place_) : value.offset_to_next;
  if (keyed_) {
    const auto name = walk_.read(place_);
    if (!is_text(name)) walk_.fail();
    key = text_of(name);
    place_ = name.offset_to_next;
  }
  value = walk_.read(place_);
  return !walk_.failed();
}

bool is_container(const MmdbValue& value) {
  return value.type == MMDB_DATA_TYPE_MAP || value.type == MMDB_DATA_TYPE_ARRAY;
}

bool is_text(const MmdbValue& value) { return value.type == MMDB_DATA_TYPE_UTF8_STRING; }

std::string_view text_of(const MmdbValue& value) {
  if (!is_text(value)) return {};
  return {value.utf8_string, value.data_size};
}

}  // namespace facts
