// What is read from MMDBs. The records are those of tests/mmdb/*.json.
// SPDX-License-Identifier: MIT

#include "cached/facts/geo.h"

#include <algorithm>

#include "tests/facts/mmdb_files.h"

using facts::Facts;
using facts::Geo;
using facts::Place;
using facts::State;
using mmdb_files::address;
using mmdb_files::open;
using mmdb_files::path_of;

namespace {

Geo geo_of(const char* client, const char* file = "city") {
  const auto geo = facts::find_geo(*open(file), address(client));
  REQUIRE(geo.state() == State::known);
  return *geo.find();
}

Facts as_of(const char* client, const char* file = "asn") {
  Facts facts;
  facts::find_as(*open(file), address(client), facts);
  return facts;
}

bool is(const Place& place, std::uint32_t geoname_id, const char* name, const char* code) {
  return place.geoname_id == geoname_id && place.name == name && place.code == code;
}

}  // namespace

TEST_CASE("a City record is read whole") {
  const Geo geo = geo_of("139.162.133.252");
  CHECK(is(geo.continent, 6255148, "Europe", "EU"));
  CHECK(is(geo.country, 2921044, "Germany", "DE"));
  CHECK(is(geo.registered_country, 2750405, "The Netherlands", "NL"));
  CHECK(is(geo.represented_country, 0, "", ""));
  CHECK(is(geo.city, 2925533, "Frankfurt am Main", ""));  // K25, K26: ids are whole numbers
  REQUIRE(geo.subdivisions.size() == 1);
  CHECK(is(geo.subdivisions[0], 2905330, "Hesse", "HE"));
  CHECK(geo.postal_code == "60313");
  REQUIRE(geo.position);
  CHECK(geo.position->latitude == 50.1188);
  CHECK(geo.position->longitude == 8.6843);
  CHECK(geo.position->accuracy_radius == 20);
  CHECK(geo.position->time_zone == "Europe/Berlin");
}

TEST_CASE("a client without a record has no place, and its AS all the same (B02, B03, B04)") {
  const char* client = "107.167.240.94";
  CHECK(facts::find_geo(*open("city"), address(client)).state() == State::absent);
  const Facts facts = as_of(client);
  REQUIRE(facts.as_numbers.find());
  CHECK(*facts.as_numbers.find() == std::vector<std::uint32_t>{40065});
  CHECK(*facts.as_org.find() == "CNSERVERS");
}

TEST_CASE("a record without a postal code has all else (B05, B06)") {
  const Geo geo = geo_of("176.112.169.218");
  CHECK(geo.postal_code.empty());
  CHECK(is(geo.city, 550478, "Khasavyurt", ""));
  CHECK(is(geo.subdivisions.at(0), 567293, "Dagestan", "DA"));
  CHECK(is(geo.country, 2017370, "Russia", "RU"));
}

TEST_CASE("all subdivisions are read, the largest first (B07)") {
  const Geo geo = geo_of("2.125.160.216");
  REQUIRE(geo.subdivisions.size() == 2);
  CHECK(is(geo.subdivisions[0], 6269131, "England", "ENG"));
  CHECK(is(geo.subdivisions[1], 3333217, "West Berkshire", "WBK"));
}

TEST_CASE("a record without a location has no position (K10)") {
  const Geo geo = geo_of("103.65.39.48");
  CHECK(!geo.position);
  CHECK(is(geo.country, 0, "", ""));
  CHECK(is(geo.registered_country, 1819730, "Hong Kong", "HK"));
}

TEST_CASE("a record of a country has no city") {
  const Geo geo = geo_of("209.85.218.15");
  CHECK(is(geo.city, 0, "", ""));
  CHECK(geo.subdivisions.empty());
  CHECK(is(geo.country, 6252001, "United States", "US"));
  CHECK(geo.position->latitude == 37.751);
  CHECK(geo.position->longitude == -97.822);
  CHECK(geo.position->accuracy_radius == 1000);
}

TEST_CASE("the represented country is read") {
  CHECK(is(geo_of("202.196.225.1").represented_country, 6252001, "United States", "US"));
}

TEST_CASE("a place without an English name has its first one") {
  CHECK(is(geo_of("198.145.0.1").country, 3017382, "Frankreich", "FR"));
}

TEST_CASE("IPv6 clients have places; mapped IPv4 ones their own") {
  CHECK(is(geo_of("2a01:4f8::808:801").city, 2861650, "Nuremberg", ""));
  CHECK(is(geo_of("::ffff:139.162.133.252").city, 2925533, "Frankfurt am Main", ""));
  CHECK(is(geo_of("2002:8ba2:85fc::1").city, 2925533, "Frankfurt am Main", ""));  // 6to4
}

TEST_CASE("an IPv6 client has no record in a file of IPv4") {
  const auto file = open("country");
  const auto client = address("2a01:4f8::808:801");
  CHECK(facts::find_geo(*file, client).state() == State::absent);
  CHECK(as_of("2a01:4f8::808:801", "country").as_org.state() == State::absent);
  CHECK(is(geo_of("::ffff:139.162.133.252", "country").country, 2921044, "Germany", "DE"));
}

TEST_CASE("an AS has its number and its organisation, as far as they are there") {
  CHECK(*as_of("139.162.133.252").as_numbers.find() == std::vector<std::uint32_t>{63949});
  CHECK(*as_of("139.162.133.252").as_org.find() == "Akamai Connected Cloud");
  CHECK(*as_of("2a00:1450:4001::808:801").as_org.find() == "GOOGLE");
  CHECK(*as_of("198.145.1.1").as_numbers.find() == std::vector<std::uint32_t>{64496});
  CHECK(as_of("198.145.1.1").as_org.state() == State::absent);
  CHECK(as_of("198.145.200.1").as_numbers.state() == State::absent);
  CHECK(*as_of("198.145.200.1").as_org.find() == "Somebody");
  CHECK(as_of("192.0.2.1").as_numbers.state() == State::absent);
  CHECK(as_of("192.0.2.1").as_org.state() == State::absent);
}

TEST_CASE("Country and Enterprise files have what they have") {
  const Geo country = geo_of("139.162.133.252", "country");
  CHECK(is(country.registered_country, 2750405, "The Netherlands", "NL"));
  CHECK(is(country.city, 0, "", ""));
  CHECK(!country.position);
  CHECK(as_of("139.162.133.252", "country").as_numbers.state() == State::absent);
  CHECK(is(geo_of("139.162.133.252", "enterprise").subdivisions.at(0), 2905330, "Hesse", "HE"));
  const Facts facts = as_of("139.162.133.252", "enterprise");
  CHECK(*facts.as_numbers.find() == std::vector<std::uint32_t>{63949});
  CHECK(*facts.as_org.find() == "Akamai Connected Cloud");
}

TEST_CASE("a field that is not of its type is not there, and the others are") {
  const Geo geo = geo_of("192.88.0.1", "odd");
  CHECK(is(geo.city, 0, "", ""));
  CHECK(is(geo.country, 2921044, "Germany", "DE"));  // a number of 64 bits that fits 32
  CHECK(geo.postal_code.empty());
  CHECK(geo.position->latitude == 52.5);  // a float
  CHECK(!geo.position->accuracy_radius);  // negative
  CHECK(geo.position->time_zone.empty());
  CHECK(*as_of("192.88.0.1", "odd").as_numbers.find() == std::vector<std::uint32_t>{3209});
  const Geo worse = geo_of("192.88.1.1", "odd");
  CHECK(is(worse.country, 0, "", "DE"));
  CHECK(!worse.position);
}

TEST_CASE("a file that is not made for its use is doubted, by its type") {
  using facts::doubt;
  using facts::MmdbUse;
  for (const char* name : {"city", "country", "enterprise"})
    CHECK(doubt(*open(name), MmdbUse::geo).empty());
  for (const char* name : {"asn", "enterprise"}) CHECK(doubt(*open(name), MmdbUse::as).empty());
  CHECK(doubt(*open("asn"), MmdbUse::geo) ==
        path_of("asn") + ": is of type GeoLite2-ASN, which is not known to hold places");
  CHECK(doubt(*open("city"), MmdbUse::as) ==
        path_of("city") + ": is of type GeoLite2-City, which is not known to hold AS numbers");
}
