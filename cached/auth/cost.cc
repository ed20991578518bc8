// See cost.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/cost.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "cached/base/text.h"

namespace auth::hash {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

const Error unreadable{"damaged hash: its cost cannot be read"};

struct Limit {
  std::int64_t Cost::*asked;
  config::Number HashOptions::*allowed;
  std::string_view what;
};

constexpr Limit limits[] = {
    {&Cost::memory_kib, &HashOptions::max_memory_kib, "KiB of memory"},
    {&Cost::argon2_passes, &HashOptions::max_argon2_passes, "passes"},
    {&Cost::argon2_lanes, &HashOptions::max_argon2_lanes, "lanes"},
    {&Cost::sha_rounds, &HashOptions::max_sha_rounds, "rounds"},
    {&Cost::bcrypt_cost, &HashOptions::max_bcrypt_cost, "as its cost"},
    {&Cost::pbkdf2_rounds, &HashOptions::max_pbkdf2_rounds, "rounds"},
};

// A cost below nothing would pass each limit.
std::optional<std::int64_t> number(std::string_view text) {
  const auto parsed = base::parse_number<std::int64_t>(text);
  return parsed && *parsed >= 0 ? parsed : std::nullopt;
}

std::optional<std::string_view> part(std::string_view stored, int n) {
  return base::part(stored, '$', n);
}

// The number behind `name=` in `m=65536,t=3,p=1`.
std::optional<std::int64_t> parameter(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    if (item.starts_with(name) && item.substr(name.size()).starts_with('='))
      return number(item.substr(name.size() + 1));
  }
  return std::nullopt;
}

// One of crypt(3)'s 64 digits.
std::optional<std::uint32_t> crypt_digit(char c) {
  static constexpr std::string_view digits =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const auto at = digits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
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
    const auto digit = rest_.empty() ? std::nullopt : crypt_digit(rest_.front());
    if (digit) rest_.remove_prefix(1);
    return digit;
  }

  std::string_view rest_;
};

// 2^log2_blocks blocks of 128 * block_size bytes; the largest number when it is even larger.
std::int64_t block_memory_kib(std::uint32_t log2_blocks, std::uint32_t block_size) {
  constexpr std::uint32_t most_bits = 31;  // so that nothing overflows
  if (log2_blocks > most_bits) return std::numeric_limits<std::int64_t>::max();
  return (std::int64_t{block_size} << log2_blocks) / (1024 / 128);
}

// A cost that is nothing but a number of rounds, in decimal.
Result<Cost> rounds_cost(std::optional<std::string_view> text, std::int64_t Cost::*member) {
  const auto rounds = text ? number(*text) : std::nullopt;
  if (!rounds) return unreadable;
  Cost cost;
  cost.*member = *rounds;
  return cost;
}

}  // namespace

Status allowed(const Cost& cost, const HashOptions& options) {
  for (const Limit& limit : limits)
    if (cost.*limit.asked > options.*limit.allowed)
      return Error{cat("refused: it asks for ", cost.*limit.asked, " ", limit.what,
                       ", allowed are ", options.*limit.allowed)};
  return Done{};
}

Result<Cost> argon2_cost(std::string_view stored) {
  const auto version = part(stored, 2);
  const auto list = part(stored, version && version->starts_with("v=") ? 3 : 2);
  const auto memory = list ? parameter(*list, "m") : std::nullopt;
  const auto passes = list ? parameter(*list, "t") : std::nullopt;
  const auto lanes = list ? parameter(*list, "p") : std::nullopt;
  if (!memory || !passes || !lanes) return unreadable;
  return Cost{.memory_kib = *memory, .argon2_passes = *passes, .argon2_lanes = *lanes};
}

Result<Cost> sha_cost(std::string_view stored) {
  constexpr std::string_view rounds_word = "rounds=", default_rounds = "5000";
  const auto first = part(stored, 2);
  if (!first) return unreadable;
  const bool given = first->starts_with(rounds_word);
  return rounds_cost(given ? first->substr(rounds_word.size()) : default_rounds, &Cost::sha_rounds);
}

Result<Cost> bcrypt_cost(std::string_view stored) {
  return rounds_cost(part(stored, 2), &Cost::bcrypt_cost);
}

Result<Cost> yescrypt_cost(std::string_view stored) {
  const auto text = part(stored, 2);
  // j is the only flavor that crypt(3) writes, and it needs four blocks.
  if (!text || !text->starts_with('j')) return unreadable;
  YescryptNumbers numbers(text->substr(1));
  const auto log2_blocks = numbers.next(1);
  const auto block_size = numbers.next(1);
  // More parameters (parallelism, passes, upgrades, ROM) are never written by crypt(3).
  if (!log2_blocks || *log2_blocks < 2 || !block_size || !numbers.at_end()) return unreadable;
  return Cost{.memory_kib = block_memory_kib(*log2_blocks, *block_size)};
}

Result<Cost> scrypt_cost(std::string_view stored) {
  constexpr std::size_t head = 3, number_digits = 5;
  constexpr std::string_view one_pass = "/....";  // the least digit comes first
  if (stored.size() < head + 1 + 2 * number_digits) return unreadable;
  const auto log2_blocks = crypt_digit(stored[head]);
  std::uint32_t block_size = 0;
  for (std::size_t i = number_digits; i > 0; i--) {
    const auto digit = crypt_digit(stored[head + i]);
    if (!digit) return unreadable;
    block_size = block_size << 6 | *digit;
  }
  if (!log2_blocks || *log2_blocks < 2 || block_size == 0) return unreadable;
  if (stored.substr(head + 1 + number_digits, number_digits) != one_pass)
    return Error{"refused: it asks for more than one pass of scrypt"};
  return Cost{.memory_kib = block_memory_kib(*log2_blocks, block_size)};
}

Result<Cost> pbkdf2_cost(std::string_view stored) {
  return rounds_cost(part(stored, 3), &Cost::pbkdf2_rounds);
}

Result<Cost> scram_cost(std::string_view stored) {
  return rounds_cost(base::part(stored, ',', 0), &Cost::pbkdf2_rounds);
}

Result<Cost> otp_cost(std::string_view stored) {
  return rounds_cost(base::part(stored, ' ', 1), &Cost::pbkdf2_rounds);
}

Result<Cost> no_cost(std::string_view) { return Cost{}; }

}  // namespace auth::hash
