// The audit line and the journal fields against the examples in the predecessor's manual, byte for
// byte up to where ours begin; and the same facts as JSON.
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <algorithm>

#include "cached/base/text.h"
#include "cached/trail/json.h"
#include "cached/trail/line.h"

namespace {

using Words = std::vector<std::string>;

// What all the examples say, in the order of the line.
struct Example {
  const char *user, *service, *ip, *host;
  std::vector<std::uint32_t> as_numbers;
  const char *as_cc, *as_desc, *as_org, *net_name, *net_cc;  // null: not known
  Words entities;
  std::optional<facts::Geo> geo;
  std::string_view line;
};

facts::Geo place(facts::Place city, std::vector<facts::Place> subdivisions, facts::Place country,
                 facts::Place registered, facts::Position at) {
  facts::Geo geo;
  geo.city = std::move(city);
  geo.subdivisions = std::move(subdivisions);
  geo.country = std::move(country);
  geo.registered_country = std::move(registered);
  geo.position = std::move(at);
  return geo;
}

const facts::Place russia{2017370, "Russia", "RU"}, america{6252001, "United States", "US"};

facts::Geo mountain_view() {
  auto geo = place({}, {}, america, america, {37.751, -97.822, 1000, "America/Chicago"});
  geo.continent = {6255149, "North America", "NA"};
  return geo;
}

std::vector<Example> examples() {
  return {
      {"honey-craig",
       "imap",
       "176.112.169.218",
       "rimap26.i.mail.ru",
       {47764},
       "RU",
       "VK-AS, RU",
       "LLC VK",
       "VK-FRONT",
       "RU",
       {"EY1327-RIPE", "ORG-LLCn4-RIPE", "RIPE-NCC-END-MNT", "VKCOMPANY-MNT", "VKNC", "MAIL-RU"},
       place({550478, "Khasavyurt", ""}, {{567293, "Dagestan", "DA"}}, russia, russia,
             {43.2465, 46.59, 20, "Europe/Moscow"}),
       "user=<honey-craig>, service=imap, ip=176.112.169.218, host=rimap26.i.mail.ru, asn=AS47764, "
       "as_cc=RU, as_desc=<VK-AS, RU>, as_org=<LLC VK>, net_name=<VK-FRONT>, net_cc=RU, "
       "entity=EY1327-RIPE, entity=ORG-LLCn4-RIPE, entity=RIPE-NCC-END-MNT, entity=VKCOMPANY-MNT, "
       "entity=VKNC, entity=MAIL-RU, city=<550478/Khasavyurt>, subdivision=<567293/Dagestan>, "
       "country=<2017370/Russia>, represented_country=<None/None>, "
       "registered_country=<2017370/Russia>, lat=43.2465, lon=46.59, rad=20km"},
      {"honey",
       "imap",
       "172.17.1.204",
       "dhcp204.internal",
       {},
       "ZZ",
       "MPI PKS local network",
       nullptr,
       "DHCP Network",
       "ZZ",
       {},
       std::nullopt,
       "user=<honey>, service=imap, ip=172.17.1.204, host=dhcp204.internal, asn=None, as_cc=ZZ, "
       "as_desc=<MPI PKS local network>, as_org=<None>, net_name=<DHCP Network>, net_cc=ZZ, "
       "entity="},
      {"honey-sugar",
       "imap",
       "139.162.133.252",
       "node-eu-0001.email2-cloud.com",
       {63949},
       "NL",
       "AKAMAI-LINODE-AP Akamai Connected Cloud, SG",
       "Akamai Connected Cloud",
       "EU-LINODE-20141229",
       "US",
       {"linode-mnt", "ORG-LL72-RIPE", "TA2589-RIPE", "LAS85-RIPE"},
       place({2925533, "Frankfurt am Main", ""}, {{2905330, "Hesse", "HE"}},
             {2921044, "Germany", "DE"}, {2750405, "The Netherlands", "NL"},
             {50.1188, 8.6843, 20, "Europe/Berlin"}),
       "user=<honey-sugar>, service=imap, ip=139.162.133.252, host=node-eu-0001.email2-cloud.com, "
       "asn=AS63949, as_cc=NL, as_desc=<AKAMAI-LINODE-AP Akamai Connected Cloud, SG>, "
       "as_org=<Akamai Connected Cloud>, net_name=<EU-LINODE-20141229>, net_cc=US, "
       "entity=linode-mnt, entity=ORG-LL72-RIPE, entity=TA2589-RIPE, entity=LAS85-RIPE, "
       "city=<2925533/Frankfurt am Main>, subdivision=<2905330/Hesse>, country=<2921044/Germany>, "
       "represented_country=<None/None>, registered_country=<2750405/The Netherlands>, "
       "lat=50.1188, lon=8.6843, rad=20km"},
      {"honey-gmail-pop",
       "pop3",
       "209.85.218.15",
       "mail-ej1-f15.google.com",
       {15169},
       "US",
       "GOOGLE, US",
       "GOOGLE",
       "GOOGLE",
       nullptr,
       {"GOGL"},
       mountain_view(),
       "user=<honey-gmail-pop>, service=pop3, ip=209.85.218.15, host=mail-ej1-f15.google.com, "
       "asn=AS15169, as_cc=US, as_desc=<GOOGLE, US>, as_org=<GOOGLE>, net_name=<GOOGLE>, "
       "net_cc=None, entity=GOGL, city=<None/None>, country=<6252001/United States>, "
       "represented_country=<None/None>, registered_country=<6252001/United States>, lat=37.751, "
       "lon=-97.822, rad=1000km"},
      {"bbecker",
       "smtp",
       "209.85.218.53",
       "mail-ej1-f53.google.com",
       {15169},
       "US",
       "GOOGLE, US",
       "GOOGLE",
       "GOOGLE",
       nullptr,
       {"GOGL"},
       mountain_view(),
       "user=<bbecker>, service=smtp, ip=209.85.218.53, host=mail-ej1-f53.google.com, "
       "asn=AS15169, as_cc=US, as_desc=<GOOGLE, US>, as_org=<GOOGLE>, net_name=<GOOGLE>, "
       "net_cc=None, entity=GOGL, city=<None/None>, country=<6252001/United States>, "
       "represented_country=<None/None>, registered_country=<6252001/United States>, lat=37.751, "
       "lon=-97.822, rad=1000km"}};
}

base::Login login_of(const Example& example) {
  base::Login login;
  login.user = example.user;
  login.service = example.service;
  login.remote_ip = example.ip;
  return login;
}

facts::Facts facts_of(const Example& example) {
  const auto known = [](const char* text) {
    return text ? facts::Fact<std::string>(text) : facts::Fact<std::string>::absent();
  };
  facts::Facts facts;
  facts.reverse_names = Words{example.host};
  if (!example.as_numbers.empty()) facts.as_numbers = example.as_numbers;
  facts.as_cc = known(example.as_cc);
  facts.as_names = Words{example.as_desc};
  facts.as_org = known(example.as_org);
  facts.net_name = known(example.net_name);
  facts.net_cc = known(example.net_cc);
  facts.entities = example.entities;
  if (example.geo) facts.geo = *example.geo;
  return facts;
}

const base::Verdict permit{base::Answer::permit, {}, {}};

}  // namespace

TEST_CASE("the lines of the predecessor's manual are ours, byte for byte") {
  for (const Example& example : examples()) {
    const auto facts = facts_of(example);
    CHECK(trail::audit_line({login_of(example), permit, &facts}) ==
          base::cat(example.line, ", result=permit"));
  }
}

TEST_CASE("of a refused login blocked and matched stand where the predecessor appended them") {
  const Example example = examples().front();
  const auto facts = facts_of(example);
  base::Verdict deny{base::Answer::deny, "the list asn", {}};
  deny.matched = "asn";
  CHECK(trail::audit_line({login_of(example), deny, &facts}) ==
        base::cat(example.line, ", blocked=True, matched=asn, result=deny, reason=<the list asn>"));
}

TEST_CASE("new fields stand behind the known ones, in their order") {
  const Example example = examples().front();
  const auto facts = facts_of(example);
  auto login = login_of(example);
  login.session = "QvT7";
  login.client_id = "name=Thunderbird";
  login.mechanism = "PLAIN";
  login.secured = "secured";
  base::Verdict verdict{base::Answer::deny, "no", {{7, "phone"}}};
  verdict.matched = "asn";
  verdict.rule = "/asn.lst:1";
  verdict.would_block = {"geoid /geo.lst:2"};
  verdict.not_known = {"host", "dnsbl"};
  CHECK(trail::audit_line({login, verdict, &facts}) ==
        base::cat(example.line,
                  ", blocked=True, matched=asn, pwid=7, comment=<phone>, session=<QvT7>, "
                  "result=deny, reason=<no>, rule=/asn.lst:1, would_block=<geoid /geo.lst:2>, "
                  "partial=<host; dnsbl>, client=<name=Thunderbird>, mech=PLAIN, tls=secured"));
}

TEST_CASE("the journal fields are those of the predecessor's manual") {
  const std::pair<std::string_view, std::string_view> theirs[] = {
      {"AUDIT_AS_DESC", "GOOGLE, US"},
      {"AUDIT_MAXMIND_COUNTRY", "{'name': 'United States', 'geoname_id': 6252001, 'code': 'US'}"},
      {"AUDIT_NET_NAME", "GOOGLE"},
      {"AUDIT_IP", "209.85.218.53"},
      {"AUDIT_MATCHED", "None"},
      {"AUDIT_MAXMIND_CITY", "{'name': None, 'geoname_id': None, 'code': None}"},
      {"AUDIT_MAXMIND_REGISTERED_COUNTRY",
       "{'name': 'United States', 'geoname_id': 6252001, 'code': 'US'}"},
      {"AUDIT_RESERVED", "False"},
      {"AUDIT_SERVICE", "smtp"},
      {"AUDIT_NET_CC", "None"},
      {"AUDIT_MAXMIND_POSTAL_CODE", "None"},
      {"AUDIT_BLOCKED", "False"},
      {"AUDIT_MAXMIND_REPRESENTED_COUNTRY", "{'name': None, 'geoname_id': None, 'code': None}"},
      {"AUDIT_MAXMIND_LOCATION",
       "{'accuracy_radius': 1000, 'latitude': 37.751, 'longitude': -97.822, 'time_zone': "
       "'America/Chicago'}"},
      {"AUDIT_ENTITIES", "['GOGL']"},
      {"AUDIT_USER", "bbecker"},
      {"AUDIT_ASN", "AS15169"},
      {"AUDIT_LOG", "True"},
      {"AUDIT_MAXMIND_SUBDIVISIONS", "()"},
      {"AUDIT_REV_HOST", "mail-ej1-f53.google.com"},
      {"AUDIT_MAXMIND_CONTINENT", "{'name': 'North America', 'geoname_id': 6255149, 'code': 'NA'}"},
      {"AUDIT_AS_CC", "US"}};
  const Example example = examples().back();
  const auto facts = facts_of(example);
  const auto fields = trail::audit_fields({login_of(example), permit, &facts});
  for (const auto& their : theirs) {
    const std::string name(their.first), value(their.second);
    CAPTURE(name);
    int times = 0;
    for (const auto& field : fields) {
      if (field.name != name) continue;
      CHECK(field.value == value);
      times++;
    }
    CHECK(times == 1);
  }
  std::string ours;
  for (const auto& field : fields) {
    const auto is_it = [&](const auto& row) { return row.first == field.name; };
    if (std::none_of(std::begin(theirs), std::end(theirs), is_it))
      ours += base::cat(field.name, "=", field.value, "\n");
  }
  CHECK(ours == "AUDIT_RESULT=permit\nAUDIT_AS_ORG=GOOGLE\n");
}

TEST_CASE("an example of the manual as JSON") {
  const Example example = examples()[2];
  const auto facts = facts_of(example);
  const base::Verdict verdict{base::Answer::permit, {}, {{7, ""}}};
  CHECK(trail::audit_json({login_of(example), verdict, &facts}, {}) ==
        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"user\":\"honey-sugar\",\"service\":\"imap\","
        "\"ip\":\"139.162.133.252\",\"rev_host\":\"node-eu-0001.email2-cloud.com\","
        "\"fcrdns\":null,\"asn\":63949,\"asns\":[63949],\"as_cc\":\"NL\","
        "\"as_desc\":\"AKAMAI-LINODE-AP Akamai Connected Cloud, SG\","
        "\"as_org\":\"Akamai Connected Cloud\",\"net_name\":\"EU-LINODE-20141229\","
        "\"net_cc\":\"US\",\"entities\":[\"linode-mnt\",\"ORG-LL72-RIPE\",\"TA2589-RIPE\","
        "\"LAS85-RIPE\"],\"reserved\":false,\"city\":\"Frankfurt am Main\",\"city_id\":2925533,"
        "\"subdivisions\":[\"Hesse\"],\"subdivision_ids\":[2905330],"
        "\"subdivision_codes\":[\"HE\"],\"country\":\"Germany\",\"country_id\":2921044,"
        "\"country_code\":\"DE\",\"represented_country\":null,\"represented_country_id\":null,"
        "\"represented_country_code\":null,\"registered_country\":\"The Netherlands\","
        "\"registered_country_id\":2750405,\"registered_country_code\":\"NL\","
        "\"continent\":null,\"continent_id\":null,\"continent_code\":null,\"postal_code\":null,"
        "\"latitude\":50.1188,\"longitude\":8.6843,\"accuracy_radius\":20,"
        "\"time_zone\":\"Europe/Berlin\",\"blocked\":false,\"matched\":null,\"pwid\":7,"
        "\"comment\":\"\",\"master\":null,\"session\":null,\"result\":\"permit\","
        "\"reason\":null,\"rule\":null,\"would_block\":[],\"dnsbl\":null,\"partial\":[],"
        "\"client\":null,\"mech\":null,\"tls\":null}");
}

TEST_CASE("in JSON what is not known is null, and what there is none of is empty") {
  facts::Facts facts;
  const base::Login nobody;
  const auto has = [&](const char* piece) {
    return trail::audit_json({nobody, permit, &facts}, {}).find(piece) != std::string::npos;
  };
  for (const char* name : {"rev_host", "asn", "asns", "as_cc", "as_desc", "as_org", "net_name",
                           "net_cc", "entities", "dnsbl", "service", "ip"})
    CHECK(has(base::cat("\"", name, "\":null,").c_str()));
  CHECK(has("\"user\":\"\","));
  const auto none = facts::Fact<Words>::absent();
  facts.reverse_names = facts.as_names = facts.entities = none;
  facts.as_cc = facts.as_org = facts.net_name = facts.net_cc = facts::Fact<std::string>::absent();
  facts.as_numbers = facts::Fact<std::vector<std::uint32_t>>::absent();
  facts.listings = {{"zen", none}};
  for (const char* name : {"rev_host", "as_cc", "as_desc", "as_org", "net_name", "net_cc"})
    CHECK(has(base::cat("\"", name, "\":\"\",").c_str()));
  for (const char* piece : {"\"asn\":null,", "\"asns\":[],", "\"entities\":[],", "\"dnsbl\":[],"})
    CHECK(has(piece));
  facts.unanswered = facts::needs_registry;
  facts.net_name = facts::Fact<std::string>();
  CHECK(has("\"net_name\":null,"));  // WHOIS ERROR in the line
}
