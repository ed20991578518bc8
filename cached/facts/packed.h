// What was told, as bytes in one place: to look it up among a million others costs a cache line or
// two, and what many cells have in common takes memory once.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "cached/facts/region.h"

namespace facts {

class PackedPool;

class Packed {
 public:
  Packed() = default;  // null
  Packed(Packed&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Packed& operator=(Packed&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Packed();

  explicit operator bool() const { return block_ != nullptr; }
  std::string_view bytes() const { return {block_->bytes(), block_->size}; }
  void prefetch() const {  // it will be read soon
    if (!block_) return;
    constexpr int line = 64, most = 3 * line;
    for (int at = 0; at < most; at += line)
      __builtin_prefetch(reinterpret_cast<const char*>(block_) + at);
  }

 private:
  friend PackedPool;
  struct Block {
    PackedPool* pool;
    std::uint32_t uses, size;
    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
  };
  explicit Packed(Block* block) : block_(block) { block_->uses++; }

  Block* block_ = nullptr;
};

// It must outlive what it returned.
class PackedPool {
 public:
  PackedPool() = default;
  PackedPool(const PackedPool&) = delete;
  PackedPool& operator=(const PackedPool&) = delete;

  Packed share(std::string_view bytes);
  std::size_t size() const { return blocks_.size(); }

 private:
  friend Packed;
  using Block = Packed::Block;
  static constexpr std::size_t most_in_a_piece = 1 << 16;  // blocks
  static std::string_view view(std::string_view bytes) { return bytes; }
  static std::string_view view(const Block* block) { return {block->bytes(), block->size}; }
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(auto bytes) const { return std::hash<std::string_view>()(view(bytes)); }
  };
  struct Same {
    using is_transparent = void;
    bool operator()(auto a, auto b) const { return view(a) == view(b); }
  };
  void let_go(Block* block);

  HugePages pages_;
  std::pmr::unsynchronized_pool_resource memory_{{most_in_a_piece, 0}, &pages_};
  std::unordered_set<Block*, Hash, Same> blocks_;
};

}  // namespace facts
