// Things by number, as many as are allowed: beyond them, one that was not used for long is
// forgotten. Finding one takes the same steps however many there are: two places of memory, which
// may be far from each other, are all that is read or written.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <new>
#include <random>
#include <utility>
#include <vector>

#include "cached/facts/region.h"

namespace facts {

template <class T>
class Table {
 public:
  explicit Table(std::size_t limit)
      : limit_(std::clamp<std::size_t>(limit, 1, std::size_t{1} << 30)),
        seed_((std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()),
        slots_(std::bit_ceil(2 * limit_)),
        index_(slots_),
        places_(limit_) {}
  ~Table() {
    for (std::uint32_t place = 1; place <= made_; place++) place_at(place).~Place();
  }

  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // nullptr: it is not there. What add() returned is good until the next add().
  T* find(std::uint64_t key) {
    const Slot& slot = index_[slot_of(key)];
    if (slot.place == none) return nullptr;
    Place& place = place_at(slot.place);
    place.used = ++uses_;
    return &place.value;
  }

  void prefetch(std::uint64_t key) const {  // it will be looked up soon
    __builtin_prefetch(&index_[tag_of(key) & mask()]);
  }

  T& add(std::uint64_t key) {
    if (T* known = find(key)) return *known;
    if (size_ == limit_) erase(place_at(long_unused()).key);
    const std::uint32_t number = free_place();
    index_[slot_of(key)] = {tag_of(key), number};
    size_++;
    Place& place = place_at(number);
    place.key = key;
    place.used = ++uses_;
    return place.value;
  }

  void erase(std::uint64_t key) {
    std::size_t gap = slot_of(key);
    if (index_[gap].place == none) return;
    place_at(index_[gap].place) = Place();
    free_.push_back(index_[gap].place);
    size_--;
    // Those that stand behind it because their own slots were taken move up (Knuth 6.4, R).
    for (std::size_t at = next(gap); index_[at].place != none; at = next(at)) {
      const std::size_t home = index_[at].tag & mask();
      if (((at - home) & mask()) < ((at - gap) & mask())) continue;
      index_[gap] = index_[at];
      gap = at;
    }
    index_[gap] = Slot();
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t none = 0;  // places are counted from 1
  static constexpr std::size_t most_looked_at = 16;
  static constexpr std::size_t cache_line = 64;

  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t place = none;
  };
  struct alignas(cache_line) Place {
    std::uint64_t key = 0;
    std::uint32_t used = 0;  // when it was, by uses_
    T value{};
  };

  std::size_t mask() const { return slots_ - 1; }
  std::size_t next(std::size_t slot) const { return (slot + 1) & mask(); }
  Place& place_at(std::uint32_t place) { return places_[place - 1]; }

  // Keys come from clients: without the seed they could be chosen to stand in one row. The mixing
  // is MurmurHash3's.
  std::uint32_t tag_of(std::uint64_t key) const {
    key ^= seed_;
    key = (key ^ (key >> 33)) * 0xff51afd7ed558ccdULL;
    key = (key ^ (key >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return static_cast<std::uint32_t>(key >> 32);
  }

  // Where the key is, or would be.
  std::size_t slot_of(std::uint64_t key) {
    const std::uint32_t tag = tag_of(key);
    std::size_t at = tag & mask();
    while (index_[at].place != none &&
           (index_[at].tag != tag || place_at(index_[at].place).key != key))
      at = next(at);
    return at;
  }

  // Of some, the one used longest ago: a list in order of use would have its neighbours written at
  // each use, and they are anywhere. All places are taken when it is called.
  std::uint32_t long_unused() {
    const auto age = [&](std::uint32_t place) { return uses_ - place_at(place).used; };
    std::uint32_t found = 1;
    for (std::size_t i = 0; i < std::min(most_looked_at, size_); i++) {
      const auto place =
          static_cast<std::uint32_t>(1 + (size_ <= most_looked_at ? i : pick_() % size_));
      if (age(place) > age(found)) found = place;
    }
    return found;
  }

  std::uint32_t free_place() {
    if (!free_.empty()) {
      const std::uint32_t place = free_.back();
      free_.pop_back();
      return place;
    }
    new (&places_[made_]) Place;
    return static_cast<std::uint32_t>(++made_);
  }

  const std::size_t limit_;
  const std::uint64_t seed_;
  const std::size_t slots_;  // a power of 2, half of them empty
  const Region<Slot> index_;
  const Region<Place> places_;  // as many as made_ are
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0, made_ = 0;
  std::uint32_t uses_ = 0;  // of all of them; goes round
  std::minstd_rand pick_{static_cast<std::uint32_t>(seed_)};
};

}  // namespace facts
