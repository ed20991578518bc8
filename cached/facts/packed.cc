// See packed.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/packed.h"

#include <cstring>
#include <new>

namespace facts {

Packed::~Packed() {
  if (block_ && --block_->uses == 0) block_->pool->let_go(block_);
}

Packed PackedPool::share(std::string_view bytes) {
  if (const auto known = blocks_.find(bytes); known != blocks_.end()) return Packed(*known);
  void* const memory = memory_.allocate(sizeof(Block) + bytes.size(), alignof(Block));
  auto* const block = new (memory) Block{this, 0, static_cast<std::uint32_t>(bytes.size())};
  std::memcpy(block->bytes(), bytes.data(), bytes.size());
  blocks_.insert(block);
  return Packed(block);
}

void PackedPool::let_go(Block* block) {
  blocks_.erase(block);
  memory_.deallocate(block, sizeof(Block) + block->size, alignof(Block));
}

}  // namespace facts
