// See cost.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/cost.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "cached/base/text.h"

namespace auth::hash {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::parse_number;
using base::Status;

constexpr char unreadable[] = "damaged hash: its cost cannot be read";

std::optional<std::string_view> part(std::string_view stored, int n) {
  return base::part(stored, '$', n);
}

Status limit(std::int64_t value, std::int64_t max, std::string_view what) {
  if (value <= max) return Done{};
  return Error{cat("refused: it asks for ", value, " ", what, ", allowed are ", max)};
}

// The number behind `name=` in `m=65536,t=3,p=1`.
std::optional<std::int64_t> parameter(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    if (item.starts_with(name) && item.substr(name.size()).starts_with('='))
      return parse_number<std::int64_t>(item.substr(name.size() + 1));
  }
  return std::nullopt;
}

// yescrypt's numbers are written in crypt(3)'s 64 digits, the small ones with one digit, larger
// ones with more (decode64_uint32 in libxcrypt's alg-yescrypt-common.c). `min` is what 0 stands
// for.
class YescryptNumbers {
 public:
  explicit YescryptNumbers(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }

  std::optional<std::uint32_t> next(std::uint32_t min) {
    std::uint32_t start = 0, end = 47, chars = 1, bits = 0, value = min;
    auto digit = take();
    if (!digit) return std::nullopt;
    while (*digit > end) {
      value += (end + 1 - start) << bits;
      start = end + 1;
      end = start + (62 - end) / 2;
      chars++;
      bits += 6;
    }
    value += (*digit - start) << bits;
    while (--chars) {
      digit = take();
      if (!digit) return std::nullopt;
      bits -= 6;
      value += *digit << bits;
    }
    return value;
  }

 private:
  std::optional<std::uint32_t> take() {
    static constexpr std::string_view digits =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const auto at = rest_.empty() ? std::string_view::npos : digits.find(rest_.front());
    if (at == std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(1);
    return static_cast<std::uint32_t>(at);
  }

  std::string_view rest_;
};

}  // namespace

Status check_argon2_cost(std::string_view stored, const HashOptions& options) {
  const auto version = part(stored, 2);
  const auto list = part(stored, version && version->starts_with("v=") ? 3 : 2);
  const auto memory = list ? parameter(*list, "m") : std::nullopt;
  const auto passes = list ? parameter(*list, "t") : std::nullopt;
  const auto lanes = list ? parameter(*list, "p") : std::nullopt;
  if (!memory || !passes || !lanes) return Error{unreadable};
  for (const Status& status : {limit(*memory, options.max_memory_kib, "KiB of memory"),
                               limit(*passes, options.max_argon2_passes, "passes"),
                               limit(*lanes, options.max_argon2_lanes, "lanes")})
    if (!status) return status;
  return Done{};
}

Status check_sha_cost(std::string_view stored, const HashOptions& options) {
  constexpr std::string_view rounds_word = "rounds=";
  constexpr std::int64_t default_rounds = 5000;
  const auto first = part(stored, 2);
  if (!first) return Error{unreadable};
  const auto rounds = first->starts_with(rounds_word)
                          ? parse_number<std::int64_t>(first->substr(rounds_word.size()))
                          : default_rounds;
  if (!rounds) return Error{unreadable};
  return limit(*rounds, options.max_sha_rounds, "rounds");
}

Status check_bcrypt_cost(std::string_view stored, const HashOptions& options) {
  const auto text = part(stored, 2);
  const auto cost = text ? parse_number<std::int64_t>(*text) : std::nullopt;
  if (!cost) return Error{unreadable};
  return limit(*cost, options.max_bcrypt_cost, "as its cost");
}

Status check_pbkdf2_cost(std::string_view stored, const HashOptions& options) {
  const auto text = part(stored, 3);
  const auto rounds = text ? parse_number<std::int64_t>(*text) : std::nullopt;
  if (!rounds) return Error{unreadable};
  return limit(*rounds, options.max_pbkdf2_rounds, "rounds");
}

Status check_plain(std::string_view, const HashOptions& options) {
  if (options.allow_plain == "yes") return Done{};
  return Error{"refused: it is not hashed, and [hash] allow_plain is no"};
}

Status no_cost(std::string_view, const HashOptions&) { return Done{}; }

Status check_yescrypt_cost(std::string_view stored, const HashOptions& options) {
  const auto text = part(stored, 2);
  if (!text) return Error{unreadable};
  YescryptNumbers numbers(*text);
  const auto flavor = numbers.next(0);
  const auto log2_blocks = numbers.next(1);
  const auto block_size = numbers.next(1);
  // More parameters (parallelism, passes, upgrades, ROM) are never written by crypt(3).
  if (!flavor || !log2_blocks || !block_size || !numbers.at_end()) return Error{unreadable};
  if (*log2_blocks > 31 || *block_size > 65536) return Error{unreadable};  // no overflow below
  const auto kib = (std::int64_t{128} * *block_size << *log2_blocks) / 1024;
  return limit(kib, options.max_memory_kib, "KiB of memory");
}

}  // namespace auth::hash
