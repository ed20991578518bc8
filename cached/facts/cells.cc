// See cells.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/cells.h"

#include <algorithm>
#include <functional>

#include "cached/base/text.h"

namespace facts {
namespace {

using base::Address;
using base::cat;
using std::chrono::milliseconds;

constexpr std::size_t v4_cell = 15, v6_cell = 6;  // bytes of the mapped address: a /24, a /48
constexpr std::size_t v4_place = 12;              // of its first byte in a mapped address
constexpr std::size_t v6_unit = 8;                // bytes: a /64
constexpr std::chrono::hours absent_time{1}, absent_network_time{6}, rough_time{1};

Range range_around(const Address& address, std::size_t bytes) {
  Range range{address, address};
  std::fill(range.first.bytes.begin() + static_cast<long>(bytes), range.first.bytes.end(),
            static_cast<unsigned char>(0));
  std::fill(range.last.bytes.begin() + static_cast<long>(bytes), range.last.bytes.end(),
            static_cast<unsigned char>(0xff));
  return range;
}

template <class T>
void keep_newer(Remembered<T>& old, Remembered<T> word, WallTime now) {
  if (!old.value || replaces(word.told, old.told, now)) old = std::move(word);
}

Range part_of(const CellId& id, const Remembered<NetworkWord>& part) {
  return id.clip(range_of(part.value.bytes()));
}

}  // namespace

std::string hex_of(const Address& address) {
  std::string hex;
  for (std::size_t i = address.is_v4() ? v4_place : 0; i < address.bytes.size(); i++)
    for (const int half : {address.bytes[i] >> 4, address.bytes[i] & 15})
      hex += "0123456789abcdef"[half];
  return hex;
}

CellId::CellId(const Address& address)
    : range(range_around(address, address.is_v4() ? v4_cell : v6_cell)) {}

std::uint64_t CellId::number() const {
  const bool v4 = range.first.is_v4();
  std::uint64_t number = v4 ? std::uint64_t{1} << 39 : 0;  // it ends as the first bit of all
  for (std::size_t i = v4 ? v4_place : 0; i < (v4 ? v4_cell : v6_cell); i++)
    number = (number << 8) | range.first.bytes[i];
  return number;
}

std::string CellId::key() const {
  const bool v4 = range.first.is_v4();
  const std::size_t bytes = v4 ? v4_cell - v4_place : v6_cell;
  return cat(v4 ? "c4:" : "c6:", hex_of(range.first).substr(0, 2 * bytes));
}

std::string CellId::text() const {
  return cat(base::text_of(range.first), range.first.is_v4() ? "/24" : "/48");
}

Range CellId::clip(const Range& whole) const {
  return {whole.first.bytes < range.first.bytes ? range.first : whole.first,
          whole.last.bytes > range.last.bytes ? range.last : whole.last};
}

Range smallest_unit(const Address& address) {
  return range_around(address, address.is_v4() ? address.bytes.size() : v6_unit);
}

Standing standing_of(WallTime told, WallTime now, const RegistryPlan::Kept& kept,
                     milliseconds most) {
  if (told == WallTime() || told > now + clocks_differ) return Standing::dead;
  const auto age = now - told;
  const auto fresh = most == as_planned ? kept.fresh : std::min(kept.fresh, most);
  if (age < fresh) return Standing::fresh;
  return most == as_planned && age < kept.stale ? Standing::stale : Standing::dead;
}

milliseconds most_fresh(const Fact<Origin>& origin) {
  return origin.find() ? as_planned : absent_time;
}

milliseconds most_fresh(const Fact<std::string>& as_name) {
  return as_name.find() ? as_planned : absent_time;
}

milliseconds most_fresh(const NetworkWord& word) {
  if (word.kind == NetworkWord::Kind::none) return absent_network_time;
  return word.kind == NetworkWord::Kind::rough ? rough_time : as_planned;
}

const Remembered<NetworkWord>* Cell::network_of(const CellId& id, const Address& address) const {
  const Remembered<NetworkWord>* smallest = whole.value ? &whole : nullptr;
  if (!is_divided()) return smallest;
  Range found = id.range;
  for (const auto& part : rest->parts) {
    const Range range = part_of(id, part);
    if (!range.contains(address) || !found.contains(range)) continue;
    smallest = &part;
    found = range;
  }
  return smallest;
}

void Cells::keep(const CellId& id, const Dated<Fact<Origin>>& origin, WallTime now) {
  auto word = words_.share(pack(origin.value, id.range.first));
  keep_newer(add(id).origin, {std::move(word), origin.told}, now);
}

bool Cells::keep(const CellId& id, const Dated<NetworkWord>& word, WallTime now) {
  const Range range = id.clip(word.value.range());
  Remembered<NetworkWord> told{words_.share(pack(word.value)), word.told};
  Cell& cell = add(id);
  if (range == id.range) {
    keep_newer(cell.whole, std::move(told), now);
    return false;
  }
  auto& parts = cell.need_rest().parts;
  const auto known = std::find_if(parts.begin(), parts.end(),
                                  [&](const auto& part) { return part_of(id, part) == range; });
  if (known != parts.end()) {
    keep_newer(*known, std::move(told), now);
    return false;
  }
  const bool is_full = parts.size() == most_parts;
  if (is_full)
    parts.erase(std::min_element(parts.begin(), parts.end(),
                                 [](const auto& a, const auto& b) { return a.told < b.told; }));
  parts.push_back(std::move(told));
  return is_full;
}

std::vector<Range> Cells::forget_smaller(const CellId& id, const Address& address,
                                         const Range& range, const IsOver& is_over) {
  Cell* cell = find(id);
  std::vector<Range> forgotten;
  if (!cell || !cell->rest) return forgotten;
  const Range told = id.clip(range);
  std::erase_if(cell->rest->parts, [&](const auto& part) {
    const Range smaller = part_of(id, part);
    const bool ends =
        smaller.contains(address) && told.contains(smaller) && !(smaller == told) && is_over(part);
    if (ends) forgotten.push_back(smaller);
    return ends;
  });
  return forgotten;
}

}  // namespace facts
