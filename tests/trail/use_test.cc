// What a row of the log table says, and that nothing in it is markup.
// SPDX-License-Identifier: MIT

#include "cached/trail/use.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"

namespace {

using facts::Facts;
using facts::Place;

struct Example {
  base::Login login;
  base::Verdict verdict{base::Answer::permit, "", base::Verdict::Password{7, "phone"}};
  Facts facts;

  Example() {
    login.service = "imap";
    login.remote_ip = "139.162.133.252";
    login.session = "s/1";
    facts::Geo geo;
    geo.postal_code = "60313";
    geo.city = Place{2925533, "Frankfurt am Main", ""};
    geo.subdivisions = {Place{2905330, "Hesse", "HE"}};
    geo.country = Place{2921044, "Germany", "DE"};
    facts.geo = geo;
    facts.as_org = std::string("Akamai Connected Cloud");
    facts.as_names = std::vector<std::string>{"AKAMAI-LINODE-AP, SG"};
    facts.reverse_names = std::vector<std::string>{"node-eu-0001.email2-cloud.com"};
  }
  stores::Use use() const { return trail::use_of({login, verdict, &facts}); }
};

}  // namespace

TEST_CASE("a use has place, provider and name as the predecessor wrote them") {
  const stores::Use use = Example().use();
  CHECK(use.password_id == 7);
  CHECK(use.service == "imap");
  CHECK(use.remote_ip == "139.162.133.252");
  CHECK(use.reverse_name == "node-eu-0001.email2-cloud.com");
  CHECK(use.location == "60313 Frankfurt am Main, HE, Germany");
  CHECK(use.isp == "Akamai Connected Cloud");
  CHECK(use.result == "permit");
  CHECK(use.session == "s/1");
}

TEST_CASE("of a place what is not known is left out") {
  Example example;
  facts::Geo geo;
  geo.country = Place{2921044, "Germany", "DE"};
  example.facts.geo = geo;
  CHECK(example.use().location == "Germany");
  geo.postal_code = "60313";
  geo.subdivisions = {Place{1, "Hesse", ""}};
  example.facts.geo = geo;
  CHECK(example.use().location == "60313, Hesse, Germany");
  example.facts.geo = facts::Fact<facts::Geo>();
  CHECK(example.use().location == "");
}

TEST_CASE("without an organisation the name of the system is the provider") {
  Example example;
  example.facts.as_org = facts::Fact<std::string>::absent();
  CHECK(example.use().isp == "AKAMAI-LINODE-AP, SG");
}

TEST_CASE("an address in a local network is where local_locationname says") {
  Example example;
  example.facts.geo = facts::Fact<facts::Geo>::absent();
  example.facts.as_org = facts::Fact<std::string>::absent();
  example.facts.local_network = "DHCP Network";
  example.facts.as_names = std::vector<std::string>{"local network"};
  CHECK(example.use().location == "local network");
  CHECK(example.use().isp == "local network");
}

TEST_CASE("an address without a name is <>, and one whose name is not known has none") {
  Example example;
  example.facts.reverse_names = facts::Fact<std::vector<std::string>>::absent();
  CHECK(example.use().reverse_name == "<>");
  example.facts.reverse_names = facts::Fact<std::vector<std::string>>();
  CHECK(example.use().reverse_name == "");
}

TEST_CASE("C07 C08: a refused use is told with its refusal") {
  Example example;
  example.verdict.answer = base::Answer::deny;
  example.verdict.reason = "on the list nets";
  example.verdict.rule = "/etc/x.lst:3";
  CHECK(example.use().result == "deny");
  CHECK(example.use().reason == "on the list nets");
  CHECK(example.use().rule == "/etc/x.lst:3");
}

TEST_CASE("what clients and servers choose is neither markup nor bytes that are no text") {
  Example example;
  example.login.service = "<b>";
  example.login.session = "\xff";
  example.facts.reverse_names = std::vector<std::string>{"<script>x</script>.example.com"};
  const stores::Use use = example.use();
  for (const std::string* text : {&use.service, &use.session, &use.reverse_name}) {
    CHECK(text->find_first_of("<>") == std::string::npos);
    CHECK(base::is_utf8(*text));
  }
}
