// Fuzz target: what a registry answers on port 43. A network that is found is around the address
// asked about, and its words can be shown.
// SPDX-License-Identifier: MIT

#include <cstdint>

#include "cached/base/check.h"
#include "cached/base/text.h"
#include "cached/facts/whois43.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Is = facts::WhoisAnswer::Is;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* asked : {"192.0.2.1", "2001:db8::1"}) {
    const auto address = *base::parse_address(asked);
    const auto answer = facts::parse_whois(text, address);
    if (answer.is != Is::network) continue;
    const auto& network = answer.network;
    base::check(network.first.is_v4() == address.is_v4(), "the family");
    base::check(network.last.is_v4() == address.is_v4(), "the family");
    base::check(network.first.bytes <= address.bytes, "from before the address");
    base::check(address.bytes <= network.last.bytes, "to behind it");
    for (const auto& fact : {network.name, network.country})
      if (const auto* word = fact.find())
        base::check(!word->empty() && word->size() <= 255 && base::is_ascii(*word) &&
                        base::trim(*word) == *word && word->find_first_of("\n\r\t") == word->npos,
                    "a word");
  }
  return 0;
}
