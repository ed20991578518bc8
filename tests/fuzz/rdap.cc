// Fuzz target: answers of RDAP. What is taken is a network of bounded words.
// SPDX-License-Identifier: MIT

#include "cached/facts/rdap.h"

#include <cstdint>

#include "cached/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto network = facts::parse_rdap({reinterpret_cast<const char*>(data), size});
  if (!network) {
    base::check(!network.error().text.empty(), "an error says something");
    return 0;
  }
  base::check(network->first.is_v4() == network->last.is_v4(), "one family");
  base::check(network->first.bytes <= network->last.bytes, "in order");
  for (const auto* word : {network->name.find(), network->country.find()})
    base::check(!word || (!word->empty() && word->size() <= facts::longest_word), "a word");
  if (const auto* entities = network->entities.find())
    base::check(!entities->empty() && entities->size() <= facts::most_entities, "entities");
  return 0;
}
