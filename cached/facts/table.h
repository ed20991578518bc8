// Things by number, as many as are allowed: beyond them, the one used longest ago is forgotten.
// Finding one takes the same steps however many there are: two reads of memory and a few writes.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace facts {

template <class T>
class Table {
 public:
  explicit Table(std::size_t limit)
      : limit_(std::clamp<std::size_t>(limit, 1, std::size_t{1} << 30)),
        seed_((std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()),
        index_(std::bit_ceil(2 * limit_)) {}

  // nullptr: it is not there. What add() returned is good until the next add().
  T* find(std::uint64_t key) {
    const Slot& slot = index_[slot_of(key)];
    if (slot.place == none) return nullptr;
    if (slot.place != newest_) {
      take_out(slot.place);
      put_first(slot.place);
    }
    return &place_at(slot.place).value;
  }

  T& add(std::uint64_t key) {
    if (T* known = find(key)) return *known;
    if (size_ == limit_) erase(place_at(oldest_).key);
    const std::uint32_t place = free_place();
    index_[slot_of(key)] = {tag_of(key), place};
    size_++;
    put_first(place);
    place_at(place).key = key;
    return place_at(place).value;
  }

  void erase(std::uint64_t key) {
    std::size_t gap = slot_of(key);
    if (index_[gap].place == none) return;
    take_out(index_[gap].place);
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

  void clear() {
    std::fill(index_.begin(), index_.end(), Slot());
    places_.clear();
    free_.clear();
    size_ = made_ = 0;
    newest_ = oldest_ = none;
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t none = 0;  // places are counted from 1
  static constexpr std::size_t places_a_block = 1024;

  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t place = none;
  };
  struct Place {
    std::uint64_t key = 0;
    T value{};
    std::uint32_t newer = none, older = none;  // in order of use
  };

  std::size_t mask() const { return index_.size() - 1; }
  std::size_t next(std::size_t slot) const { return (slot + 1) & mask(); }
  Place& place_at(std::uint32_t place) {
    return places_[(place - 1) / places_a_block][(place - 1) % places_a_block];
  }

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

  void put_first(std::uint32_t place) {
    place_at(place).newer = none;
    place_at(place).older = newest_;
    (newest_ == none ? oldest_ : place_at(newest_).newer) = place;
    newest_ = place;
  }

  void take_out(std::uint32_t place) {
    const Place& gone = place_at(place);
    (gone.newer == none ? newest_ : place_at(gone.newer).older) = gone.older;
    (gone.older == none ? oldest_ : place_at(gone.older).newer) = gone.newer;
  }

  std::uint32_t free_place() {
    if (!free_.empty()) {
      const std::uint32_t place = free_.back();
      free_.pop_back();
      return place;
    }
    if (made_ % places_a_block == 0) places_.push_back(std::make_unique<Place[]>(places_a_block));
    return static_cast<std::uint32_t>(++made_);
  }

  const std::size_t limit_;
  const std::uint64_t seed_;
  std::vector<Slot> index_;  // a power of 2, half of them empty
  std::vector<std::unique_ptr<Place[]>> places_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0, made_ = 0;
  std::uint32_t newest_ = none, oldest_ = none;
};

}  // namespace facts
