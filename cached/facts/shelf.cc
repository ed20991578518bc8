// See shelf.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/shelf.h"

#include "cached/facts/redis_shelf.h"
#include "cached/facts/sqlite_shelf.h"

namespace facts {

std::unique_ptr<Shelf> make_shelf(uv_loop_t* loop, const config::Options& options,
                                  std::shared_ptr<clients::Redis> redis) {
  if (redis) return std::make_unique<RedisShelf>(std::move(redis));
  if (options.registry.cache.empty()) return nullptr;
  constexpr std::size_t rows_of_a_cell = 5;
  const auto rows = static_cast<std::size_t>(options.registry.cells) * rows_of_a_cell;
  return std::make_unique<SqliteShelf>(loop, options.registry.cache, rows);
}

}  // namespace facts
