// See geo.h. The fields: https://dev.maxmind.com/geoip/docs/databases/city-and-country
// SPDX-License-Identifier: MIT

#include "cached/facts/geo.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "cached/base/clock.h"
#include "cached/base/text.h"
#include "cached/facts/mmdb.h"
#include "cached/facts/mmdb_walk.h"

namespace facts {
namespace {

using base::cat;

// A record of GeoIP2 Enterprise, with eight languages, has some 250 values.
constexpr int most_values = 4096;
constexpr std::size_t longest_text = 255;  // a longer one is none
constexpr std::size_t most_subdivisions = 8;

std::string text(const MmdbValue& value) {
  const auto found = text_of(value);
  return std::string(found.size() <= longest_text ? found : std::string_view());
}

// MaxMind's numbers are uint16 or uint32; other writers use what they have.
std::uint32_t whole(const MmdbValue& value) {
  const auto fitting = [](auto number) {
    return std::in_range<std::uint32_t>(number) ? static_cast<std::uint32_t>(number) : 0;
  };
  switch (value.type) {
    case MMDB_DATA_TYPE_UINT16:
      return value.uint16;
    case MMDB_DATA_TYPE_UINT32:
      return value.uint32;
    case MMDB_DATA_TYPE_INT32:
      return fitting(value.int32);
    case MMDB_DATA_TYPE_UINT64:
      return fitting(value.uint64);
    default:
      return 0;
  }
}

// Not a number when it is none, or beyond `limit` on either side.
double degrees(const MmdbValue& value, double limit) {
  const double found = value.type == MMDB_DATA_TYPE_DOUBLE  ? value.double_value
                       : value.type == MMDB_DATA_TYPE_FLOAT ? value.float_value
                                                            : NAN;
  return std::abs(found) <= limit ? found : NAN;
}

// The English one, else the first.
std::string read_name(MmdbWalk& walk, const MmdbValue& names) {
  std::string name;
  for (MmdbMembers language(walk, names); language.next();) {
    if (language.key == "en") return text(language.value);
    if (name.empty()) name = text(language.value);
  }
  return name;
}

Place read_place(MmdbWalk& walk, const MmdbValue& record) {
  Place place;
  for (MmdbMembers field(walk, record); field.next();) {
    if (field.key == "geoname_id") place.geoname_id = whole(field.value);
    if (field.key == "iso_code" || field.key == "code") place.code = text(field.value);
    if (field.key == "names") place.name = read_name(walk, field.value);
  }
  return place;
}

std::vector<Place> read_subdivisions(MmdbWalk& walk, const MmdbValue& record) {
  std::vector<Place> places;
  if (record.type != MMDB_DATA_TYPE_ARRAY) return places;
  for (MmdbMembers place(walk, record); places.size() < most_subdivisions && place.next();)
    places.push_back(read_place(walk, place.value));
  return places;
}

std::string read_postal_code(MmdbWalk& walk, const MmdbValue& record) {
  for (MmdbMembers field(walk, record); field.next();)
    if (field.key == "code") return text(field.value);
  return {};
}

std::optional<Position> read_position(MmdbWalk& walk, const MmdbValue& record) {
  Position position{NAN, NAN, {}, {}};
  for (MmdbMembers field(walk, record); field.next();) {
    if (field.key == "latitude") position.latitude = degrees(field.value, 90);
    if (field.key == "longitude") position.longitude = degrees(field.value, 180);
    if (field.key == "time_zone") position.time_zone = text(field.value);
    if (field.key != "accuracy_radius") continue;
    const auto radius = whole(field.value);
    if (radius > 0) position.accuracy_radius = radius;
  }
  if (std::isnan(position.latitude) || std::isnan(position.longitude)) return std::nullopt;
  return position;
}

constexpr struct {
  std::string_view key;
  Place Geo::*place;
} places[] = {
    {"continent", &Geo::continent},
    {"country", &Geo::country},
    {"registered_country", &Geo::registered_country},
    {"represented_country", &Geo::represented_country},
    {"city", &Geo::city},
};

Geo read_geo(MmdbWalk& walk, const MmdbValue& record) {
  Geo geo;
  for (MmdbMembers field(walk, record); field.next();) {
    for (const auto& row : places)
      if (field.key == row.key) geo.*row.place = read_place(walk, field.value);
    if (field.key == "subdivisions") geo.subdivisions = read_subdivisions(walk, field.value);
    if (field.key == "postal") geo.postal_code = read_postal_code(walk, field.value);
    if (field.key == "location") geo.position = read_position(walk, field.value);
  }
  return geo;
}

struct System {
  std::uint32_t number = 0;
  std::string organization;
};

void take_system(System& system, const MmdbMembers& field) {
  if (field.key == "autonomous_system_number") system.number = whole(field.value);
  if (field.key == "autonomous_system_organization") system.organization = text(field.value);
}

// At the top of an ASN or ISP file, in the "traits" of an Enterprise file.
System read_system(MmdbWalk& walk, const MmdbValue& record) {
  System system;
  for (MmdbMembers field(walk, record); field.next();) {
    take_system(system, field);
    if (field.key != "traits") continue;
    for (MmdbMembers trait(walk, field.value); trait.next();) take_system(system, trait);
  }
  return system;
}

MMDB_lookup_result_s look_up(const MMDB_s& library, const base::Address& address, int& status) {
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.bytes.data() + 12, sizeof v4.sin_addr);
    return MMDB_lookup_sockaddr(&library, reinterpret_cast<const sockaddr*>(&v4), &status);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
  return MMDB_lookup_sockaddr(&library, reinterpret_cast<const sockaddr*>(&v6), &status);
}

void complain(const Mmdb& file, const base::Address& address) {
  std::array<char, INET6_ADDRSTRLEN> shown{};
  const bool v4 = address.is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes.data() + (v4 ? 12 : 0), shown.data(),
            shown.size());
  file.unreadable.warning(cat(file.path, ": corrupt: its record for ", shown.data(),
                              " cannot be read, and its facts are unknown"));
}

template <class T>
Fact<T> find(const Mmdb& file, const base::Address& address,
             T (*read)(MmdbWalk&, const MmdbValue&)) {
  int status = MMDB_SUCCESS;
  const auto found = look_up(file.library, address, status);
  if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR) return Fact<T>::absent();
  if (status == MMDB_SUCCESS && !found.found_entry) return Fact<T>::absent();
  if (status == MMDB_SUCCESS) {
    MmdbWalk walk(file.library, most_values);
    const auto record = walk.read(found.entry.offset);
    T value = read(walk, record);
    if (!walk.failed() && record.type == MMDB_DATA_TYPE_MAP) return value;
  }
  complain(file, address);
  return {};
}

}  // namespace

Fact<Geo> find_geo(const Mmdb& file, const base::Address& address) {
  return find(file, address, read_geo);
}

void find_as(const Mmdb& file, const base::Address& address, Facts& facts) {
  const auto system = find(file, address, read_system);
  facts.as_numbers = decltype(facts.as_numbers)::in_state(system.state());
  facts.as_org = decltype(facts.as_org)::in_state(system.state());
  const System* found = system.find();
  if (!found) return;
  facts.as_numbers = decltype(facts.as_numbers)::absent();
  facts.as_org = decltype(facts.as_org)::absent();
  if (found->number) facts.as_numbers = std::vector{found->number};
  if (!found->organization.empty()) facts.as_org = found->organization;
}

std::string doubt(const Mmdb& file, MmdbUse use) {
  struct Made {
    std::string_view what;
    std::array<std::string_view, 3> types;
  };
  const Made made = use == MmdbUse::geo ? Made{"places", {"City", "Country", "Enterprise"}}
                                        : Made{"AS numbers", {"ASN", "ISP", "Enterprise"}};
  const std::string_view type = file.library.metadata.database_type;
  for (const auto known : made.types)
    if (type.find(known) != std::string_view::npos) return {};
  return cat(file.path, ": is of type ", base::printable(type), ", which is not known to hold ",
             made.what);
}

std::string built_on(const Mmdb& file) {
  const auto epoch = std::chrono::seconds(file.library.metadata.build_epoch);
  return base::utc_text(std::chrono::system_clock::time_point(epoch)).substr(0, 10);
}

}  // namespace facts
