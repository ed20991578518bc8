// What the registries said, remembered in this process by cell: an IPv4 /24, an IPv6 /48. Announced
// prefixes are no smaller, so an origin is right for a whole cell. A network may be smaller, and
// what was said of it says nothing of the cell's other addresses; one that is larger may have
// smaller ones inside, and counts for the cell of the address that was asked about alone.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cached/base/ip.h"
#include "cached/facts/breaker.h"
#include "cached/facts/packed.h"
#include "cached/facts/registries.h"
#include "cached/facts/table.h"
#include "cached/facts/words.h"

namespace facts {

std::string hex_of(const base::Address& address);  // 3eefed01, or 32 digits of IPv6

struct CellId {
  explicit CellId(const base::Address& address);

  std::uint64_t number() const;          // another one for each cell
  std::string key() const;               // c4:3eefed, c6:2a0023800000
  std::string text() const;              // 62.239.237.0/24
  Range clip(const Range& whole) const;  // what of it lies in the cell, which it touches

  Range range;
};

// For which addresses a registry speaks that knows no network around the address: for it alone, as
// its neighbours may be in a smaller network; of IPv6 for its /64. Nobody is given less (RFC 6177),
// and a client has all of one, who could make as many questions of it as it has addresses.
Range smallest_unit(const base::Address& address);

template <class T>
struct Dated {
  T value{};
  WallTime told{};
};

template <class T>
struct Remembered {
  Packed value;  // null: nothing is remembered
  WallTime told{};

  T get() const { return unpack<T>(value.bytes()); }
};

// Questions in a row that brought nothing, and when the last one did.
struct Trouble {
  WallTime told{};
  int tries = 0;
};

enum class Standing { dead, stale, fresh };

// Of what was told then. `most`: it is fresh for no longer, and then dead, whatever `kept` says.
Standing standing_of(WallTime told, WallTime now, const RegistryPlan::Kept& kept,
                     std::chrono::milliseconds most);
// Of it: that there is none may change at once.
inline constexpr std::chrono::milliseconds as_planned{0};
std::chrono::milliseconds most_fresh(const Fact<Origin>& origin);
std::chrono::milliseconds most_fresh(const Fact<std::string>& as_name);
std::chrono::milliseconds most_fresh(const NetworkWord& word);

inline constexpr std::chrono::minutes clocks_differ{5};  // those of hosts, at most

// Whether what was told then takes the place of what was told at `before`: it is no older, or a
// clock was set back since.
inline bool replaces(WallTime told, WallTime before, WallTime now) {
  return told >= before || before > now + clocks_differ;
}

struct Cell {
  Remembered<Fact<Origin>> origin;
  Remembered<NetworkWord> whole;  // that counts for all of the cell but its parts
  struct Rest {
    std::vector<Remembered<NetworkWord>> parts;
    Trouble origin_trouble, network_trouble;
  };
  std::unique_ptr<Rest> rest;  // null: there is nothing in it, as of most cells

  Rest& need_rest() {
    if (!rest) rest = std::make_unique<Rest>();
    return *rest;
  }
  bool is_divided() const { return rest && !rest->parts.empty(); }

  Fact<Origin> origin_of(const CellId& id) const {  // when one is remembered
    return unpack_origin(origin.value.bytes(), id.range.first);
  }

  // The smallest network around the address; nullptr: none is remembered.
  const Remembered<NetworkWord>* network_of(const CellId& id, const base::Address& address) const;
};

class Cells {
 public:
  static constexpr std::size_t most_parts = 128;  // of a cell; beyond, those told longest ago go

  explicit Cells(std::size_t limit) : table_(limit) {}

  // nullptr: nothing is remembered. Good until the next add().
  Cell* find(const CellId& id) { return table_.find(id.number()); }
  Cell& add(const CellId& id) { return table_.add(id.number()); }

  // Unless something was told later. Returns whether another network was forgotten for this one.
  void keep(const CellId& id, const Dated<Fact<Origin>>& origin, WallTime now);
  bool keep(const CellId& id, const Dated<NetworkWord>& word, WallTime now);

  // What is remembered of smaller networks around the address, which was told of `range` now, is
  // true no more where `is_over` of it. Returns their ranges in the cell.
  using IsOver = std::function<bool(const Remembered<NetworkWord>&)>;
  std::vector<Range> forget_smaller(const CellId& id, const base::Address& address,
                                    const Range& range, const IsOver& is_over);

  void erase(const CellId& id) { table_.erase(id.number()); }
  std::size_t size() const { return table_.size(); }

 private:
  PackedPool words_;  // before the table, which uses it to its end
  Table<Cell> table_;
};

}  // namespace facts
