// See encoding.h. The decoders are libsodium's.
// SPDX-License-Identifier: MIT

#include "cached/auth/encoding.h"

#include <sodium.h>

#include <algorithm>

namespace auth::hash {
namespace {

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  // libsodium 1.0.18 takes some bytes that are not ASCII for digits.
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 128; };
  if (!std::ranges::all_of(text, is_ascii)) return std::nullopt;
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(bytes(out), out.size(), text.data(), text.size(), " \t\r\n", &size, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out(text.size() / 2 + 1, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(bytes(out), out.size(), text.data(), text.size(), nullptr, &size, &end) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> from_either(std::string_view text, std::size_t size) {
  auto out = text.size() == 2 * size ? from_hex(text) : std::nullopt;
  if (!out) out = from_base64(text);
  return out && out->size() == size ? out : std::nullopt;
}

}  // namespace auth::hash
