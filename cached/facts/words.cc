// See words.h. Numbers as they are in memory, texts behind their lengths, and a network's addresses
// first of all.
// SPDX-License-Identifier: MIT

#include "cached/facts/words.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace facts {
namespace {

class Writer {
 public:
  template <class T>
  Writer& number(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Writer& text(std::string_view text) {
    const auto size = std::min<std::size_t>(text.size(), std::numeric_limits<std::uint16_t>::max());
    number(static_cast<std::uint16_t>(size));
    bytes_ += text.substr(0, size);
    return *this;
  }
  template <class T, class Write>
  Writer& fact(const Fact<T>& fact, Write write) {
    number(static_cast<std::uint8_t>(fact.state()));
    if (const T* known = fact.find()) write(*known);
    return *this;
  }
  Writer& fact(const Fact<std::string>& text_fact) {
    return fact(text_fact, [this](const std::string& known) { text(known); });
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number<std::uint16_t>();
    std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return text;
  }
  template <class T, class Read>
  Fact<T> fact(Read read) {
    const auto state = static_cast<State>(number<std::uint8_t>());
    return state == State::known ? Fact<T>(read()) : Fact<T>::in_state(state);
  }
  Fact<std::string> text_fact() {
    return fact<std::string>([this] { return text(); });
  }

 private:
  std::string_view bytes_;
};

}  // namespace

std::string pack(const Fact<Origin>& origin, const base::Address& address) {
  Writer to;
  to.fact(origin, [&](const Origin& known) {
    const bool is_around = known.prefix == base::Network::around(address, known.prefix.prefix);
    to.number(static_cast<std::uint8_t>(known.prefix.prefix)).number(is_around);
    if (!is_around) to.number(known.prefix.address.bytes);
    to.number(static_cast<std::uint8_t>(known.as_numbers.size()));
    for (const std::uint32_t number : known.as_numbers) to.number(number);
    to.text(known.country).text(known.registry);
  });
  return to.take();
}

Fact<Origin> unpack_origin(std::string_view bytes, const base::Address& address) {
  Reader from(bytes);
  return from.fact<Origin>([&] {
    Origin origin;
    const int prefix = from.number<std::uint8_t>();
    const bool is_around = from.number<bool>();
    origin.prefix = is_around
                        ? base::Network::around(address, prefix)
                        : base::Network{{from.number<decltype(base::Address::bytes)>()}, prefix};
    origin.as_numbers.resize(from.number<std::uint8_t>());
    for (std::uint32_t& number : origin.as_numbers) number = from.number<std::uint32_t>();
    origin.country = from.text();
    origin.registry = from.text();
    return origin;
  });
}

std::string pack(const Fact<std::string>& name) { return Writer().fact(name).take(); }

template <>
Fact<std::string> unpack(std::string_view bytes) {
  return Reader(bytes).text_fact();
}

std::string pack(const NetworkWord& word) {
  Writer to;
  const RegisteredNetwork& network = word.network;
  to.number(network.first.bytes).number(network.last.bytes);
  to.number(static_cast<std::uint8_t>(word.kind)).text(word.from);
  to.fact(network.name).fact(network.country);
  to.fact(network.entities, [&](const std::vector<std::string>& handles) {
    to.number(static_cast<std::uint16_t>(handles.size()));
    for (const std::string& handle : handles) to.text(handle);
  });
  return to.take();
}

template <>
NetworkWord unpack(std::string_view bytes) {
  Reader from(bytes);
  NetworkWord word;
  RegisteredNetwork& network = word.network;
  network.first.bytes = from.number<decltype(base::Address::bytes)>();
  network.last.bytes = from.number<decltype(base::Address::bytes)>();
  word.kind = static_cast<NetworkWord::Kind>(from.number<std::uint8_t>());
  word.from = from.text();
  network.name = from.text_fact();
  network.country = from.text_fact();
  network.entities = from.fact<std::vector<std::string>>([&] {
    std::vector<std::string> handles(from.number<std::uint16_t>());
    for (std::string& handle : handles) handle = from.text();
    return handles;
  });
  return word;
}

Range range_of(std::string_view network_word) {
  Reader from(network_word);
  Range range;
  range.first.bytes = from.number<decltype(base::Address::bytes)>();
  range.last.bytes = from.number<decltype(base::Address::bytes)>();
  return range;
}

}  // namespace facts
