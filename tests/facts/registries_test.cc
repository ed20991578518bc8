// [registry], taken apart.
// SPDX-License-Identifier: MIT

#include "cached/facts/registries.h"

#include <doctest/doctest.h>

#include "cached/config/file.h"

namespace {

using facts::Rir;

base::Result<facts::RegistryPlan> plan_of(const std::string& lines) {
  const auto file = config::parse_file("[registry]\n" + lines, "x.conf");
  REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
  return facts::make_plan(file->options.registry);
}

std::string problem_of(const std::string& lines) {
  const auto plan = plan_of(lines);
  return plan ? "" : plan.error().text;
}

const std::string& of(const std::array<std::string, facts::rir_count>& values, Rir rir) {
  return values[static_cast<std::size_t>(rir)];
}

}  // namespace

TEST_CASE("the registries have the names of their files") {
  for (const char* name : {"arin", "ripencc", "apnic", "lacnic", "afrinic"})
    CHECK(facts::name_of(facts::rir_named(name)) == name);
  CHECK(facts::rir_named("iana") == Rir::none);
  CHECK(facts::rir_named("") == Rir::none);
  CHECK(facts::name_of(Rir::none) == "");
}

TEST_CASE("the defaults ask all five registries") {
  const auto plan = plan_of("");
  REQUIRE_MESSAGE(plan, (plan ? "" : plan.error().text));
  CHECK(plan->ask == facts::RegistryPlan::Ask::lists);
  CHECK(plan->cymru);
  CHECK(of(plan->rdap, Rir::arin) == "https://rdap.arin.net/registry");
  CHECK(of(plan->rdap, Rir::afrinic) == "https://rdap.afrinic.net/rdap");
  CHECK(of(plan->rdap, Rir::none) == "");
  for (const auto& server : plan->whois) CHECK(server == "");
  CHECK(plan->hosts.size() == 10);  // no host twice
  CHECK(plan->network.stale == std::chrono::hours(30 * 24));
}

TEST_CASE("who is not named is not asked, and hosts of rdap are where redirects may lead") {
  const auto plan = plan_of(
      "ask = always\ncymru = no\nrdap = ripencc=https://RDAP.Example:8443/x/ "
      "arin=https://[::1]:4/\n"
      "redirects = Other.Example\nwhois = apnic=[::1]:43 arin=whois.arin.net "
      "lacnic=192.0.2.1:4343\n");
  REQUIRE_MESSAGE(plan, (plan ? "" : plan.error().text));
  CHECK(plan->ask == facts::RegistryPlan::Ask::always);
  CHECK(!plan->cymru);
  CHECK(of(plan->rdap, Rir::ripencc) == "https://RDAP.Example:8443/x");
  CHECK(of(plan->rdap, Rir::arin) == "https://[::1]:4");
  CHECK(of(plan->rdap, Rir::apnic) == "");
  CHECK(plan->hosts == std::vector<std::string>{"[::1]", "rdap.example", "other.example"});
  CHECK(of(plan->whois, Rir::apnic) == "[::1]:43");
  CHECK(of(plan->whois, Rir::lacnic) == "192.0.2.1:4343");
}

TEST_CASE("a mistake in [registry] is named by option and word, and all of them at once") {
  CHECK(problem_of("rdap = ripe=https://x arin=http://x apnic lacnic= afrinic=https://u@x/\n") ==
        "rdap: ripe=https://x is none of the registries arin, ripencc, apnic, lacnic and afrinic\n"
        "rdap: apnic must be REGISTRY=WHERE, without blanks\n"
        "rdap: lacnic= must be REGISTRY=WHERE, without blanks\n"
        "rdap: http://x is no https URL\n"
        "rdap: https://u@x/ may not have a user, a query or a fragment\n");
  CHECK(problem_of("rdap = arin=https://a arin=https://b\n") ==
        "rdap: arin=https://b is the second of its registry\n");
  CHECK(problem_of("rdap = =https://a\n") ==
        "rdap: =https://a is none of the registries arin, ripencc, apnic, lacnic and afrinic\n");
  for (const char* url :
       {"https://", "https://x:99999/", "https://x/?a", "ftp://x", "https://x/#a", "https://x\\y"})
    CHECK(problem_of(std::string("rdap = arin=") + url + "\n").starts_with("rdap: "));
  for (const char* server : {"x:0", "x:", "x:99999", ":43", "[::1", "[x]:43", "::1", "-x", "x/y"})
    CHECK(problem_of(std::string("whois = arin=") + server + "\n") ==
          std::string("whois: ") + server + " is neither HOST nor HOST:PORT\n");
  CHECK(problem_of("redirects = x:443 https://y\n") ==
        "redirects: x:443 is no name of a host\nredirects: https://y is no name of a host\n");
  CHECK(problem_of("origin_stale = 1h\n") == "origin_stale: is shorter than origin_fresh\n");
}
