// Fuzz target: the files of the registries, plain or compressed; the first byte says which kind.
// Whatever the bytes are, the file is refused in a few lines with its name, or every lookup gives
// something that it may give.
// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstdint>
#include <string>

#include "cached/base/text.h"
#include "cached/facts/as_names.h"
#include "cached/facts/bootstrap.h"
#include "cached/facts/delegated.h"
#include "cached/facts/inetnum.h"
#include "tests/facts/seed_files.h"

namespace {

using base::check;

// Nothing, or lines for a log.
template <class Table>
bool is_good(const base::Result<Table>& table) {
  if (table) return true;
  const std::string& text = table.error().text;
  check(text.starts_with("x:") && text.ends_with('\n'), "a problem names the file");
  check(std::count(text.begin(), text.end(), '\n') <= 24, "few problems are told");
  const auto is_control = [](unsigned char byte) { return byte < 0x20 && byte != '\n'; };
  check(std::none_of(text.begin(), text.end(), is_control) && base::is_utf8(text), "it is text");
  return false;
}

template <class See>
void at_each_address(const See& see) {
  for (const char* address : {"0.0.0.0", "1.2.3.4", "2.0.0.0", "62.239.237.1", "255.255.255.255",
                              "::", "2001:608::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    see(seed_files::address(address));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto text = seed_files::text_of(
      {reinterpret_cast<const char*>(data) + 1, static_cast<std::size_t>(size - 1)});
  if (data[0] == 'd') {
    const auto file = facts::Delegated::read(text, facts::Rir::ripencc);
    if (is_good(file))
      at_each_address([&](const base::Address& address) {
        const auto country = file->country_of(address).value_or("");
        check(country.empty() || (country.size() == 2 && base::lower(country) != country),
              "a country has two letters");
      });
  } else if (data[0] == 'n') {
    const auto file = facts::AsNames::read(text);
    if (is_good(file))
      for (const std::uint32_t number : {0U, 1U, 3209U, 4294967295U})
        check(file->name_of(number).find('\n') == std::string_view::npos, "a name is a line");
  } else if (data[0] == 'b') {
    const auto file = facts::Bootstrap::read(text);
    if (is_good(file))
      at_each_address([&](const base::Address& address) {
        check(static_cast<std::size_t>(file->rir_of(address)) < facts::rir_count, "a registry");
      });
  } else {
    const auto file = facts::Inetnums::read(text);
    if (is_good(file))
      at_each_address([&](const base::Address& address) {
        const auto network = file->find(address);
        check(!network || network->name.size() + network->country.size() < 256, "names are short");
      });
  }
  return 0;
}
