// The audit line and its journal fields.
// SPDX-License-Identifier: MIT

#include "cached/trail/line.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"

namespace {

base::Login login() {
  base::Login login;
  login.user = "honey-sugar";
  login.password = base::Secret("do not print");
  login.service = "imap";
  login.remote_ip = "139.162.133.252";
  return login;
}

// The login of the predecessor's manual.
facts::Facts linode() {
  facts::Facts facts;
  facts.reverse_names = std::vector<std::string>{"node-eu-0001.email2-cloud.com"};
  facts.confirmed = facts::Confirmed::pass;
  facts.as_numbers = std::vector<std::uint32_t>{63949};
  facts.as_cc = std::string("NL");
  facts.as_names = std::vector<std::string>{"AKAMAI-LINODE-AP Akamai Connected Cloud, SG"};
  facts.as_org = std::string("Akamai Connected Cloud");
  facts.net_name = std::string("EU-LINODE-20141229");
  facts.net_cc = std::string("US");
  facts.entities = std::vector<std::string>{"linode-mnt", "ORG-LL72-RIPE"};
  facts::Geo geo;
  geo.city = {2925533, "Frankfurt am Main", ""};
  geo.subdivisions = {{2905330, "Hesse", "HE"}};
  geo.country = {2921044, "Germany", "DE"};
  geo.registered_country = {2750405, "The Netherlands", "NL"};
  geo.continent = {6255148, "Europe", "EU"};
  geo.position = facts::Position{50.1188, 8.6843, 20, "Europe/Berlin"};
  facts.geo = geo;
  return facts;
}

constexpr char linode_line[] =
    "user=<honey-sugar>, service=imap, ip=139.162.133.252, host=node-eu-0001.email2-cloud.com, "
    "asn=AS63949, as_cc=NL, as_desc=<AKAMAI-LINODE-AP Akamai Connected Cloud, SG>, "
    "as_org=<Akamai Connected Cloud>, net_name=<EU-LINODE-20141229>, net_cc=US, "
    "entity=linode-mnt, entity=ORG-LL72-RIPE, city=<2925533/Frankfurt am Main>, "
    "subdivision=<2905330/Hesse>, country=<2921044/Germany>, represented_country=<None/None>, "
    "registered_country=<2750405/The Netherlands>, lat=50.1188, lon=8.6843, rad=20km";

std::string journal(const trail::Attempt& attempt) {
  std::string all;
  for (const auto& field : trail::audit_fields(attempt))
    all += base::cat(field.name, "=", field.value, "\n");
  return all;
}

}  // namespace

TEST_CASE("the audit line is the predecessors', and ours stands behind it") {
  const auto facts = linode();
  const base::Verdict permit{base::Answer::permit, {}, {{7, "my phone"}}};
  CHECK(trail::audit_line({login(), permit, &facts}) ==
        base::cat(linode_line, ", fcrdns=pass, pwid=7, comment=<my phone>, result=permit"));
}

TEST_CASE("a login that a list refused says which, and by which rule") {
  const auto facts = linode();
  base::Verdict deny{base::Answer::deny, "on the list asn", {}};
  deny.matched = "asn";
  deny.rule = "/etc/checkpass/lists/asn.lst:12";
  deny.would_block = {"ip_net /etc/checkpass/lists/new.lst:3"};
  deny.not_known = {"dnsbl"};
  CHECK(
      trail::audit_line({login(), deny, &facts}) ==
      base::cat(linode_line,
                ", blocked=True, matched=asn, fcrdns=pass, result=deny, reason=<on the list asn>, "
                "rule=/etc/checkpass/lists/asn.lst:12, "
                "would_block=<ip_net /etc/checkpass/lists/new.lst:3>, partial=<dnsbl>"));
}

TEST_CASE("zones that list the address are told with their codes") {
  facts::Facts facts;
  facts.listings = {{"zen", std::vector<std::string>{"127.0.0.4", "127.0.0.20"}},
                    {"clean", facts::Fact<std::vector<std::string>>::absent()},
                    {"other", std::vector<std::string>{"127.0.0.2"}}};
  const base::Verdict permit{base::Answer::permit, {}, {}};
  CHECK(trail::audit_line({login(), permit, &facts})
            .ends_with("result=permit, dnsbl=<zen 127.0.0.4 127.0.0.20; other 127.0.0.2>"));
}

TEST_CASE("the line of a local network is as the predecessors wrote it") {
  facts::Facts facts;
  facts.reverse_names = std::vector<std::string>{"dhcp204.internal"};
  facts.as_cc = facts.net_cc = std::string("ZZ");
  facts.as_names = std::vector<std::string>{"MPI PKS local network"};
  facts.net_name = std::string("DHCP Network");
  base::Login local = login();
  local.user = "honey";
  local.remote_ip = "172.17.1.204";
  const base::Verdict permit{base::Answer::permit, {}, {}};
  CHECK(trail::audit_line({local, permit, &facts}) ==
        "user=<honey>, service=imap, ip=172.17.1.204, host=dhcp204.internal, asn=None, as_cc=ZZ, "
        "as_desc=<MPI PKS local network>, as_org=<None>, net_name=<DHCP Network>, net_cc=ZZ, "
        "entity=, result=permit");
}

TEST_CASE("of several systems all numbers are told, and the name of the first") {
  facts::Facts facts;
  facts.as_numbers = std::vector<std::uint32_t>{23028, 701};
  facts.as_names = std::vector<std::string>{"TEAMCYMRU, US", "UUNET, US"};
  const base::Verdict permit{base::Answer::permit, {}, {}};
  CHECK(trail::audit_line({login(), permit, &facts})
            .find("asn=AS23028/AS701, as_cc=None, as_desc=<TEAMCYMRU, US>,") != std::string::npos);
}

TEST_CASE("no reverse name is <>, and one that could not be found out is None") {
  facts::Facts facts;
  const base::Verdict permit{base::Answer::permit, {}, {}};
  CHECK(trail::audit_line({login(), permit, &facts}).find(", host=None, ") != std::string::npos);
  facts.reverse_names = facts::Fact<std::vector<std::string>>::absent();
  CHECK(trail::audit_line({login(), permit, &facts}).find(", host=<>, ") != std::string::npos);
}

TEST_CASE("a refused login says why") {
  const base::Verdict deny{base::Answer::deny, "wrong password", {}};
  CHECK(trail::audit_line({login(), deny}) ==
        "user=<honey-sugar>, service=imap, ip=139.162.133.252, result=deny, "
        "reason=<wrong password>");
}

TEST_CASE("what is not known is None or left out") {
  base::Login nobody;
  nobody.session = "S1";
  CHECK(trail::audit_line({nobody, {}}) ==
        "user=<>, service=None, ip=None, session=<S1>, result=later");
}

TEST_CASE("neither a user name nor a registry can forge the line") {
  base::Login forger = login();
  forger.user = "x>, ip=1.2.3.4, result=permit\nmail-audit: user=<y";
  forger.service = "imap, ip=8.8.8.8";
  facts::Facts facts;
  facts.net_name = std::string("evil>, blocked=False\n");
  facts.entities = std::vector<std::string>{"A, result=permit"};
  const std::string line = trail::audit_line({forger, {}, &facts});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.starts_with("user=<x\\x3e, ip=1.2.3.4"));
  CHECK(line.find("service=imap\\x2c\\x20ip=8.8.8.8, ip=139") != std::string::npos);
  CHECK(line.find("net_name=<evil\\x3e, blocked=False\\x0a>") != std::string::npos);
  CHECK(line.find("entity=A\\x2c\\x20result=permit, ") != std::string::npos);
}

TEST_CASE("the journal gets the same facts as fields of their own") {
  const base::Verdict deny{base::Answer::deny, "deleted", {{7, ""}}};
  CHECK(journal({login(), deny}) ==
        "AUDIT_LOG=True\nAUDIT_USER=honey-sugar\nAUDIT_SERVICE=imap\nAUDIT_IP=139.162.133.252\n"
        "AUDIT_PWID=7\nAUDIT_RESULT=deny\nAUDIT_REASON=deleted\nAUDIT_BLOCKED=False\n"
        "AUDIT_MATCHED=None\n");
}

TEST_CASE("in the journal places are Python's text, as the predecessor's report reads them") {
  const auto facts = linode();
  const base::Verdict permit{base::Answer::permit, {}, {}};
  const std::string all = journal({login(), permit, &facts});
  for (const char* line :
       {"AUDIT_REV_HOST=node-eu-0001.email2-cloud.com\n", "AUDIT_ASN=AS63949\n",
        "AUDIT_ENTITIES=['linode-mnt', 'ORG-LL72-RIPE']\n", "AUDIT_RESERVED=False\n",
        "AUDIT_MAXMIND_CITY={'name': 'Frankfurt am Main', 'geoname_id': 2925533, 'code': None}\n",
        "AUDIT_MAXMIND_SUBDIVISIONS=({'name': 'Hesse', 'geoname_id': 2905330, 'code': 'HE'},)\n",
        "AUDIT_MAXMIND_REPRESENTED_COUNTRY={'name': None, 'geoname_id': None, 'code': None}\n",
        "AUDIT_MAXMIND_POSTAL_CODE=None\n",
        "AUDIT_MAXMIND_LOCATION={'accuracy_radius': 20, 'latitude': 50.1188, 'longitude': 8.6843, "
        "'time_zone': 'Europe/Berlin'}\n"}) {
    CAPTURE(line);
    CHECK(all.find(line) != std::string::npos);
  }
}

TEST_CASE("C01 the journal names the list that matched, and no other") {
  base::Verdict deny{base::Answer::deny, "on the list as_cc", {}};
  deny.matched = "as_cc";
  const std::string all = journal({login(), deny});
  CHECK(all.find("AUDIT_MATCHED=as_cc\n") != std::string::npos);
  CHECK(all.find("AUDIT_BLOCKED=True\n") != std::string::npos);
  CHECK(all.find("AUDIT_MATCHED=net_cc") == std::string::npos);
}
