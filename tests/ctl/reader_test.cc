// The history read back: audit lines of all forms, the predecessor's and ours.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/reader.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"
#include "cached/ctl/report/python_value.h"
#include "cached/trail/line.h"

namespace {

using ctl::report::Event;
using ctl::report::Outcome;
using ctl::report::Reader;

constexpr ctl::report::Seconds now = 1795305600;  // 2026-11-22T00:00:00Z

// A line of the predecessor's manual.
constexpr char linode[] =
    "2026-05-06T04:20:25+02:00 honeypot mail-audit[1084587]: user=<honey-sugar>, service=imap, "
    "ip=139.162.133.252, host=node-eu-0001.email2-cloud.com, asn=AS63949, as_cc=NL, "
    "as_desc=<AKAMAI-LINODE-AP Akamai Connected Cloud, SG>, as_org=<Akamai Connected Cloud>, "
    "net_name=<EU-LINODE-20141229>, net_cc=US, entity=linode-mnt, entity=ORG-LL72-RIPE, "
    "city=<2925533/Frankfurt am Main>, subdivision=<2905330/Hesse>, country=<2921044/Germany>, "
    "represented_country=<None/None>, registered_country=<2750405/The Netherlands>, lat=50.1188, "
    "lon=8.6843, rad=20km";

Event read(std::string_view line) {
  Reader reader(now);
  const auto event = reader.read(line);
  REQUIRE(event);
  return *event;
}

bool is_no_line(std::string_view line) { return !Reader(now).read(line); }

std::string journal(std::string_view fields) {
  return base::cat(
      R"({"__REALTIME_TIMESTAMP":"1727355927030069","SYSLOG_IDENTIFIER":"mail-audit",)", fields,
      "}");
}

}  // namespace

TEST_CASE("a line of the predecessor is read whole") {
  const Event event = read(linode);
  CHECK(event.time == 1778034025);
  CHECK(event.user == "honey-sugar");
  CHECK(event.outcome == Outcome::let_in);
  const auto& facts = event.facts;
  CHECK(base::text_of(facts.address) == "139.162.133.252");
  CHECK(*facts.reverse_names.find() == std::vector<std::string>{"node-eu-0001.email2-cloud.com"});
  CHECK(*facts.as_numbers.find() == std::vector<std::uint32_t>{63949});
  CHECK(facts.as_names.find()->front() == "AKAMAI-LINODE-AP Akamai Connected Cloud, SG");
  CHECK(*facts.net_cc.find() == "US");
  CHECK(facts.entities.find()->size() == 2);
  REQUIRE(facts.geo.find());
  CHECK(facts.geo.find()->city.geoname_id == 2925533);
  CHECK(facts.geo.find()->subdivisions.front().name == "Hesse");
  CHECK(facts.geo.find()->represented_country.geoname_id == 0);
  CHECK(facts.geo.find()->position->longitude == 8.6843);
  CHECK(facts.geo.find()->position->accuracy_radius == 20);
}

TEST_CASE("what a line does not know is unknown, and no reverse name is none") {
  const Event event = read(
      "mail-audit: user=<a>, service=imap, ip=172.17.1.204, host=<>, asn=None, as_cc=ZZ, "
      "as_desc=<MPI PKS local network>, as_org=<None>, net_name=<DHCP>, net_cc=None, entity=");
  CHECK(event.time == 0);
  CHECK(event.facts.is_private);
  CHECK(event.facts.reverse_names.state() == facts::State::absent);
  CHECK(event.facts.as_numbers.state() == facts::State::unknown);
  CHECK(event.facts.as_org.state() == facts::State::unknown);
  CHECK(event.facts.net_cc.state() == facts::State::unknown);
  CHECK(event.facts.entities.state() == facts::State::unknown);
  CHECK(event.facts.geo.state() == facts::State::unknown);
}

TEST_CASE("times of syslog are of the year before now, ISO times have their zone") {
  const auto time_of = [](std::string_view stamp) {
    return read(base::cat(stamp, " host mail-audit[1]: user=<a>")).time;
  };
  CHECK(time_of("2026-11-21T04:06:34Z") == 1795233994);
  CHECK(time_of("2026-11-21T04:06:34.123456+01:00") == 1795233994 - 3600);
  CHECK(time_of("2026-11-21T04:06:34+0100") == 1795233994 - 3600);
  CHECK(time_of("Nov 21 04:06:34") == time_of("2026-11-21T04:06:34"));
  CHECK(time_of("Mai  1 04:06:34") == time_of("2026-05-01T04:06:34"));
  CHECK(time_of("M\xc3\xa4r 31 04:06:34") == time_of("2026-03-31T04:06:34"));
  CHECK(time_of("Dec 24 18:00:00") == time_of("2025-12-24T18:00:00"));
}

TEST_CASE("a line is one only as a whole, whatever others log of a name") {
  CHECK(is_no_line(""));
  CHECK(is_no_line("mail-audit: "));
  CHECK(is_no_line("cached: mail-audit: user=<root>, result=permit"));
  CHECK(is_no_line("Nov 21 04:06:34 host dovecot: auth: x mail-audit[1]: user=<root>"));
  CHECK(is_no_line("Nov 21 04:06:34 host sshd[1]: user mail-audit: user=<root>"));
  CHECK(is_no_line("mail-audit[x]: user=<root>"));
  CHECK(is_no_line("2026-13-01T00:00:00Z host mail-audit[1]: user=<a>"));
  CHECK(read("<6>mail-audit: user=<a>").user == "a");
  CHECK(read("Nov 21 04:06:34 mail-audit mail-audit[7]: user=<a>").user == "a");
}

TEST_CASE("any name goes through the line and back") {
  for (const std::string& name :
       {std::string("x>, ip=1.2.3.4, result=permit"), std::string("<script>"),
        std::string("a\\x41\n\x01\xff"), std::string("m\xc3\xbcller, jan")}) {
    base::Login login;
    login.user = name;
    login.remote_ip = "192.0.2.1";
    const base::Verdict deny{base::Answer::deny, "wrong password", {}};
    const Event event = read("mail-audit: " + trail::audit_line({login, deny}));
    CHECK(event.user == name);
    CHECK(event.ip == "192.0.2.1");
    CHECK(event.outcome == Outcome::failed);
  }
}

TEST_CASE("what became of an attempt is told by its result, or by blocked") {
  const auto outcome = [](std::string_view rest) {
    return read(base::cat("mail-audit: user=<a>, service=imap, ip=192.0.2.1", rest)).outcome;
  };
  CHECK(outcome("") == Outcome::let_in);
  CHECK(outcome(", blocked=True, matched=asn") == Outcome::refused);
  CHECK(outcome(", result=permit") == Outcome::let_in);
  CHECK(outcome(", result=later, reason=<LDAP>") == Outcome::later);
  CHECK(outcome(", result=deny, reason=<unknown user>") == Outcome::failed);
  CHECK(outcome(", result=deny, reason=<disabled in the directory>") == Outcome::failed);
  CHECK(outcome(", result=deny, reason=<the list ip_net cannot tell>") == Outcome::refused);
  CHECK(outcome(", pwid=7, comment=<>, result=deny, reason=<deleted>") == Outcome::refused);
  CHECK(outcome(", blocked=True, matched=asn, result=deny, reason=<wrong password>") ==
        Outcome::refused);
}

TEST_CASE("a disabled service is refused, and says nothing of the password") {
  const Event event = read(
      "mail-audit: user=<a>, service=pop3, ip=192.0.2.1, blocked=True, matched=service, "
      "result=deny, reason=<service disabled>");
  CHECK(event.outcome == Outcome::refused);
  CHECK_FALSE(event.was_right());
}

TEST_CASE("a journal entry is read from its fields, Python's text and all") {
  const Event event = read(journal(R"json(
      "MESSAGE": "user=<x>, service=smtp, ip=209.85.218.53, as_org=<GOOGLE>, net_name=<details>",
      "AUDIT_USER": "bbecker", "AUDIT_SERVICE": "smtp", "AUDIT_NET_NAME": "GOOGLE", "AUDIT_BLOCKED": "False",
      "AUDIT_MATCHED": "None", "AUDIT_REV_HOST": "mail-ej1-f53.google.com", "AUDIT_ASN": "AS15169",
      "AUDIT_ENTITIES": "['GOGL', 'it\\'s']", "AUDIT_NET_CC": "None",
      "AUDIT_MAXMIND_COUNTRY": "{'name': 'United States', 'geoname_id': 6252001, 'code': 'US'}",
      "AUDIT_MAXMIND_SUBDIVISIONS":
          "({'name': \"L'Aquila, (AQ)\", 'geoname_id': 1, 'code': 'A'},)",
      "AUDIT_MAXMIND_CITY": "{'name': None, 'geoname_id': None, 'code': None}",
      "AUDIT_MAXMIND_LOCATION": "{'accuracy_radius': 1000, 'latitude': 37.751, 'longitude': -97.822}")json"));
  CHECK(event.time == 1727355927);
  CHECK(event.user == "bbecker");
  CHECK(event.service == "smtp");
  CHECK(event.outcome == Outcome::let_in);
  CHECK(*event.facts.net_name.find() == "GOOGLE");
  CHECK(*event.facts.as_org.find() == "GOOGLE");
  CHECK(*event.facts.entities.find() == std::vector<std::string>{"GOGL", "it's"});
  CHECK(event.facts.net_cc.state() == facts::State::unknown);
  const auto& geo = *event.facts.geo.find();
  CHECK(geo.country.code == "US");
  CHECK(geo.city.name.empty());
  CHECK(geo.subdivisions.size() == 1);
  CHECK(geo.subdivisions.front().name == "L'Aquila, (AQ)");
  CHECK(geo.position->accuracy_radius == 1000);
  CHECK(geo.position->longitude == -97.822);
}

TEST_CASE("an audit line of format = json tells the same as the classic one") {
  const Event event =
      read(R"({"time":"2026-11-21T23:54:57.123Z","user":"a\\x3cb","service":"imap",)"
           R"("ip":"139.162.133.252","rev_host":"","fcrdns":"none","asn":63949,"asns":[63949,701],)"
           R"("as_cc":"NL","as_desc":"AKAMAI, SG","as_org":"","net_name":null,"net_cc":null,)"
           R"("entities":["A-RIPE","B-RIPE"],"reserved":false,"city":"Frankfurt am Main",)"
           R"("city_id":2925533,"subdivisions":["Hesse"],"subdivision_ids":[2905330],)"
           R"("subdivision_codes":["HE"],"country":"Germany","country_id":2921044,)"
           R"("country_code":"DE","latitude":50.1188,"longitude":8.6843,"accuracy_radius":20,)"
           R"("blocked":true,"matched":"asn","pwid":7,"comment":"phone","session":"s",)"
           R"("result":"deny","reason":"the list asn","rule":"/a:1","would_block":["b /c:1","d"],)"
           R"("more":{"user":"nobody","asns":[1]},"dnsbl":[]})");
  CHECK(event.time == 1795305297);
  CHECK(event.user == "a<b");
  CHECK(event.outcome == Outcome::refused);
  CHECK(event.password_id == "7");
  CHECK(event.would_block == "b /c:1; d");
  CHECK(event.facts.reverse_names.state() == facts::State::absent);
  CHECK(*event.facts.as_numbers.find() == std::vector<std::uint32_t>{63949, 701});
  CHECK(event.facts.as_org.state() == facts::State::absent);
  CHECK(event.facts.net_name.state() == facts::State::unknown);
  CHECK(*event.facts.entities.find() == std::vector<std::string>{"A-RIPE", "B-RIPE"});
  const auto& geo = *event.facts.geo.find();
  CHECK(geo.city.geoname_id == 2925533);
  CHECK(geo.country.code == "DE");
  REQUIRE(geo.subdivisions.size() == 1);
  CHECK(geo.subdivisions[0].name == "Hesse");
  CHECK(geo.subdivisions[0].code == "HE");
  CHECK(geo.position->latitude == 50.1188);
  CHECK(geo.position->accuracy_radius == 20);
}

TEST_CASE("JSON behind the tag of syslog has syslog's time, and other JSON is not ours") {
  const Event event =
      read(R"(2026-01-01T00:00:00Z mail mail-audit[1]: {"time":"2026-11-21T23:54:57Z","user":"a",)"
           R"("result":"permit"})");
  CHECK(event.time == 1767225600);
  Reader reader(now);
  CHECK_FALSE(reader.read(R"({"user":"a","time":"2026-11-21T23:54:57Z","result":"permit"})"));
  CHECK_FALSE(reader.read(R"({"time":"2026-11-21T23:54:57Z","user":"a"})"));
  CHECK_FALSE(reader.read(R"([{"time":"2026-11-21T23:54:57Z","user":"a","result":"permit"}])"));
  CHECK_FALSE(reader.read(R"(mail other[1]: {"time":"2026","user":"a","result":"permit"})"));
}

TEST_CASE("what registries could not tell is not known, and no local network") {
  const Event event = read(
      "mail-audit: user=<a>, service=imap, ip=192.0.2.1, host=None, asn=None, as_cc=ZZ, "
      "as_desc=<ERROR-RESPONSE>, as_org=<None>, net_name=<WHOIS ERROR>, net_cc=ZZ, entity=");
  CHECK(event.facts.as_cc.state() == facts::State::unknown);
  CHECK(event.facts.as_names.state() == facts::State::unknown);
  CHECK(event.facts.net_cc.state() == facts::State::unknown);
}

TEST_CASE("bytes that are no text are numbers in the journal's JSON") {
  const Event event = read(journal(R"("AUDIT_USER":[97,255,0,98],"AUDIT_IP":"192.0.2.1")"));
  CHECK(event.user == "a\xff?b");
}

TEST_CASE("entries of others and broken ones are left out") {
  Reader reader(now);
  CHECK_FALSE(reader.read(R"({"SYSLOG_IDENTIFIER":"sshd","AUDIT_USER":"a"})"));
  CHECK_FALSE(reader.read(R"({"SYSLOG_IDENTIFIER":"mail-audit","MESSAGE":"started"})"));
  CHECK(reader.broken() == 0);
  CHECK_FALSE(reader.read(R"({"SYSLOG_IDENTIFIER":"mail-audit","AUDIT_USER":"a")"));
  CHECK(reader.broken() == 1);
}

TEST_CASE("Python's text is read as far as it is one") {
  using namespace ctl::report;
  CHECK(python_pairs("").empty());
  CHECK(python_pairs("None").empty());
  CHECK(python_pairs("{'a").empty());
  CHECK(python_pairs("{'a': 'x\\xe4\\u00fc\\n\\\\', 'b': -1.5}").front().second ==
        "x\xc3\xa4\xc3\xbc\n\\");
  CHECK(python_pairs("{'a': 1, 'b': None}").back().second.empty());
  CHECK(python_texts("[]").empty());
  CHECK(python_texts("('a',)") == std::vector<std::string>{"a"});
  CHECK(python_items("({'a': ']'}, {'b': (1, 2)})").size() == 2);
}
