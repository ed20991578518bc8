// What is known of a client's address, from wherever it is known. Plain data: facts::gather and the
// sources fill it, rules::judge and the trail read it.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cached/base/ip.h"

namespace facts {

// pending: somebody is being asked. unknown: nobody was asked, or nobody could tell; it is never
// the same as absent, which is the answer "there is none".
enum class State { pending, unknown, absent, known };

template <class T>
class Fact {
 public:
  Fact() = default;  // unknown
  Fact(T value) : state_(State::known), value_(std::move(value)) {}
  static Fact in_state(State state) {
    Fact fact;
    fact.state_ = state;
    return fact;
  }
  static Fact absent() { return in_state(State::absent); }
  static Fact pending() { return in_state(State::pending); }

  State state() const { return state_; }
  T* find() { return state_ == State::known ? &value_ : nullptr; }
  const T* find() const { return state_ == State::known ? &value_ : nullptr; }
  bool operator==(const Fact&) const = default;

 private:
  State state_ = State::unknown;
  T value_{};
};

// What others in the network have to be asked for, as bits.
using Needs = unsigned;
inline constexpr Needs needs_names = 1, needs_blocklists = 2;
inline constexpr Needs needs_as_numbers = 4, needs_as_cc = 8, needs_as_names = 16,
                       needs_network = 32, needs_entities = 64;
inline constexpr Needs needs_registry =
    needs_as_numbers | needs_as_cc | needs_as_names | needs_network | needs_entities;

// A place by MaxMind. 0 and empty: the record does not say.
struct Place {
  std::uint32_t geoname_id = 0;
  std::string name;  // English
  std::string code;  // ISO 3166 of a country or subdivision, two letters of a continent
};

struct Position {
  double latitude = 0, longitude = 0;            // degrees
  std::optional<std::uint32_t> accuracy_radius;  // km
  std::string time_zone;                         // Europe/Berlin
};

struct Geo {
  Place continent, country, registered_country, represented_country, city;
  std::vector<Place> subdivisions;  // from the largest to the smallest
  std::string postal_code;
  std::optional<Position> position;
};

// Whether a reverse name leads back to the address (as Postfix tells reverse from verified name).
enum class Confirmed { pass, fail, none, temporary_error };

// What one zone of [dnsbl] says.
struct Listing {
  std::string zone;  // its name in the configuration: the real one may hold a key
  Fact<std::vector<std::string>>
      codes;  // 127.0.0.4, ...; only those that count; absent: not listed
};

struct Facts {
  base::Address address;
  std::optional<base::Address> embedded;     // the IPv4 client behind 6to4, Teredo or NAT64
  bool is_private = false;                   // is_private(), and no client from outside embedded
  std::string reserved_name;                 // "Private-Use Networks"; empty: not reserved
  std::optional<std::string> local_network;  // its name in [local_networks]

  Fact<Geo> geo;
  Fact<std::vector<std::uint32_t>> as_numbers;  // more than one for a multi-origin prefix
  Fact<std::string> as_org;                     // MaxMind's organisation
  Fact<std::vector<std::string>> as_names;      // of as_numbers, in their order, where it is known
  Fact<std::string> as_cc, net_name, net_cc;
  Fact<std::vector<std::string>> entities;
  Needs unanswered = 0;  // what registries were asked for, and nobody could tell
  Fact<std::vector<std::string>> reverse_names;  // without the final dot; at most 5
  Fact<Confirmed> confirmed;
  std::vector<Listing> listings;  // one for each zone
};

}  // namespace facts
