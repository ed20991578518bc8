// What is known of an address at once: the site's own networks, reserved ranges, MaxMind's files.
// SPDX-License-Identifier: MIT

#include "cached/facts/sources.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "cached/base/text.h"
#include "tests/facts/mmdb_files.h"
#include "tests/facts/seed_files.h"

namespace {

using facts::Facts;
using facts::State;

facts::Sources sources_of(const std::string& config, const facts::Sources& before = {},
                          const std::string& expected = "", const std::string& warned = "") {
  const auto file = config::parse_file(config, "x.conf");
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  std::string errors, warnings;
  auto sources = facts::open_sources(*file, "x.conf", before, errors, warnings);
  CHECK(errors == expected);
  CHECK(warnings == warned);
  return sources;
}

Facts look_up(const facts::Sources& sources, const char* address) {
  return facts::look_up(sources, *base::parse_address(address));
}

std::string local(const facts::Sources& sources, const char* address) {
  return look_up(sources, address).local_network.value_or("none");
}

std::string first(const facts::Fact<std::vector<std::string>>& fact) {
  return fact.find() ? fact.find()->front() : "(unknown)";
}

std::string text(const facts::Fact<std::string>& fact) {
  if (fact.state() == State::absent) return "(absent)";
  return fact.find() ? *fact.find() : "(unknown)";
}

// Options want absolute paths.
std::string mmdb(const std::string& name) {
  return std::filesystem::absolute(mmdb_files::path_of(name)).string();
}

}  // namespace

TEST_CASE("of the local networks around an address the longest counts, in any order") {
  for (const char* order : {"192.0.2.0/24 = office\n192.0.0.0/16 = site\n192.0.2.7 = printer\n",
                            "192.0.2.7 = printer\n192.0.0.0/16 = site\n192.0.2.0/24 = office\n"}) {
    const auto sources = sources_of(base::cat("[local_networks]\n", order));
    CHECK(local(sources, "192.0.2.7") == "printer");
    CHECK(local(sources, "192.0.2.8") == "office");
    CHECK(local(sources, "192.0.3.8") == "site");
    CHECK(local(sources, "192.1.3.8") == "none");
    CHECK(local(sources, "::ffff:192.0.2.7") == "printer");
  }
}

TEST_CASE("C03 a local network of one family holds nobody of the other") {
  const auto sources = sources_of("[local_networks]\n::/64 = v6 lan\n");
  CHECK(local(sources, "8.8.8.8") == "none");
  CHECK(local(sources, "::1") == "v6 lan");
}

TEST_CASE("an address of the site has the site's words, and no place or AS") {
  const auto sources = sources_of(
      "[local_networks]\n8.8.8.0/24 = head office\n[audit]\nlocal_locationname = our town\n");
  const auto facts = look_up(sources, "8.8.8.8");
  CHECK(!facts.is_private);
  CHECK(facts.reserved_name == "");
  CHECK(first(facts.as_names) == "our town");
  CHECK(text(facts.net_name) == "head office");
  CHECK(text(facts.as_cc) == "ZZ");
  CHECK(text(facts.net_cc) == "ZZ");
  CHECK(text(facts.as_org) == "(absent)");
  CHECK(facts.as_numbers.state() == State::absent);
  CHECK(facts.entities.state() == State::absent);
  CHECK(facts.geo.state() == State::absent);
}

TEST_CASE("a reserved address has the words of the predecessors, and one of the site its own") {
  const auto sources = sources_of("[local_networks]\n10.1.0.0/16 = lab\n");
  const auto reserved = look_up(sources, "10.2.0.1");
  CHECK(reserved.is_private);
  CHECK(first(reserved.as_names) == "IANA-RESERVED");
  CHECK(text(reserved.net_name) == "Private-Use Networks");
  CHECK(text(reserved.as_cc) == "ZZ");
  CHECK(reserved.as_numbers.state() == State::absent);
  const auto own = look_up(sources, "10.1.0.1");
  CHECK(own.is_private);
  CHECK(text(own.net_name) == "lab");
  const auto multicast = look_up(sources, "224.0.0.1");  // reserved, but not private
  CHECK(!multicast.is_private);
  CHECK(text(multicast.net_name) == "Multicast");
}

TEST_CASE("what nobody was asked about is unknown and not absent") {
  const auto facts = look_up({}, "8.8.8.8");
  for (const auto* fact : {&facts.as_cc, &facts.net_name, &facts.net_cc})
    CHECK(fact->state() == State::unknown);
  CHECK(facts.geo.state() == State::unknown);
  CHECK(facts.as_numbers.state() == State::unknown);
  CHECK(facts.as_names.state() == State::unknown);
  CHECK(facts.as_org.state() == State::unknown);
  CHECK(facts.entities.state() == State::unknown);
  CHECK(facts.reverse_names.state() == State::unknown);
  CHECK(facts.listings.empty());
}

TEST_CASE("the client behind 6to4, Teredo and NAT64 is the one who is looked up") {
  const auto sources = sources_of("[maxmind]\ncity = " + mmdb("city") + "\n");
  const auto direct = look_up(sources, "176.112.169.218");
  REQUIRE(direct.geo.find());
  for (const char* inside : {"2002:b070:a9da::1", "64:ff9b::176.112.169.218"}) {
    CAPTURE(inside);
    const auto facts = look_up(sources, inside);
    CHECK(!facts.is_private);
    CHECK(facts.reserved_name == "");
    REQUIRE(facts.embedded);
    CHECK(base::text_of(*facts.embedded) == "176.112.169.218");
    REQUIRE(facts.geo.find());
    CHECK(facts.geo.find()->country.code == direct.geo.find()->country.code);
  }
  const auto of_private = look_up(sources, "2002:a01:203::1");  // of 10.1.2.3
  CHECK(of_private.is_private);
  CHECK(of_private.reserved_name == "Private-Use Networks");
}

TEST_CASE("zones are asked as they are configured, and a database that is unchanged stays open") {
  const auto config = "[maxmind]\ncity = " + mmdb("city") + "\nasn = " + mmdb("asn") +
                      "\n[dnsbl a]\nzone = key.a.example\ncodes = 127.0.0.4/30\n";
  const auto sources = sources_of(config);
  REQUIRE(sources.zones.size() == 1);
  CHECK(sources.zones[0].name == "a");
  CHECK(sources.zones[0].zone == "key.a.example");
  CHECK(sources.zones[0].codes.size() == 1);
  const auto again = sources_of(config, sources);
  CHECK(again.city == sources.city);
  CHECK(again.asn == sources.asn);
}

TEST_CASE("a database that cannot be used is told with the line of its option") {
  const auto sources =
      sources_of("[maxmind]\ncity = /nowhere/city.mmdb\nasn = /dev/null\n", {},
                 "x.conf:2: [maxmind] city: /nowhere/city.mmdb: cannot open: No such "
                 "file or directory\n"
                 "x.conf:3: [maxmind] asn: /dev/null: is not a file\n");
  CHECK(!sources.city);
  CHECK(!sources.asn);
}

TEST_CASE("what the registries' files say is known at once, and what they do not is unknown") {
  const seed_files::Directory seeds;
  seeds.write("delegated-ripencc-extended-latest",
              "2|ripencc|1|2|1|1|1\nripencc|*|ipv4|*|2|summary\n"
              "ripencc|NL|ipv4|139.162.0.0|65536|20040203|allocated|a\n"
              "ripencc||ipv4|176.112.0.0|65536|20040203|allocated|b\n");
  seeds.write("as-names.txt", "AS63949\tAKAMAI-LINODE-AP Akamai Connected Cloud, SG\n");
  seeds.write("ripe.db.inetnum",
              "inetnum: 139.162.128.0 - 139.162.191.255\nnetname: LINODE-DE\n\n");
  const auto sources = sources_of("[maxmind]\nasn = " + mmdb("asn") +
                                  "\n[registry]\nseeds = " + seeds.path() + "\n");
  const auto known = look_up(sources, "139.162.133.252");
  CHECK(first(known.as_names) == "AKAMAI-LINODE-AP Akamai Connected Cloud, SG");
  CHECK(text(known.as_cc) == "NL");  // of the addresses, not of the system
  CHECK(text(known.net_name) == "LINODE-DE");
  CHECK(text(known.net_cc) == "(absent)");
  CHECK(known.entities.state() == State::unknown);
  const auto without = look_up(sources, "176.112.169.218");
  CHECK(text(without.as_cc) == "(absent)");
  CHECK(text(without.net_name) == "(unknown)");
  const auto nobodys = look_up(sources, "8.8.8.8");
  CHECK(text(nobodys.as_cc) == "(unknown)");
  CHECK(nobodys.as_names.state() == State::unknown);
}

TEST_CASE("what is wrong in [registry] is told with its line, and the plan is there otherwise") {
  const seed_files::Directory seeds;
  seeds.write("as-names.txt", "?\n");
  CHECK(sources_of("").plan);
  sources_of("[registry]\nrdap = ripe=https://x\nseeds = " + seeds.path() + "\n", {},
             base::cat("x.conf:2: [registry] rdap: ripe=https://x is none of the registries arin, "
                       "ripencc, apnic, lacnic and afrinic\nx.conf:3: [registry] seeds: ",
                       seeds.path(), "/as-names.txt:1: ? is no number of an AS\n"));
  const seed_files::Directory empty;
  sources_of("[registry]\nseeds = " + empty.path() + "\n", {}, "",
             base::cat("x.conf:2: [registry] seeds: warning: ", empty.path(),
                       ": has none of the files that update-registry fetches\n"));
}
