// Answers on port 43: real ones when they lie beside the project, and our own of the same shapes.
// SPDX-License-Identifier: MIT

#include "cached/facts/whois43.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "cached/base/text.h"

namespace {

namespace fs = std::filesystem;
using base::cat;
using facts::Rir;
using facts::WhoisAnswer;
using Is = WhoisAnswer::Is;

WhoisAnswer parse(const std::string& text, const std::string& address = "192.0.2.1") {
  return facts::parse_whois(text, *base::parse_address(address));
}

// `FIRST LAST NAME COUNTRY`, with - for what is absent; or what it is instead of a network.
std::string summary(const WhoisAnswer& answer) {
  const char* const others[] = {"", "nothing", "refused", "unreadable"};
  if (answer.is != Is::network) return others[static_cast<int>(answer.is)];
  const auto& network = answer.network;
  const auto word = [](const facts::Fact<std::string>& fact) {
    CHECK((fact.find() || fact.state() == facts::State::absent));
    return fact.find() ? *fact.find() : "-";
  };
  CHECK(network.entities.state() == facts::State::unknown);
  return cat(base::text_of(network.first), " ", base::text_of(network.last), " ",
             word(network.name), " ", word(network.country));
}

std::string summary(const std::string& text, const std::string& address = "192.0.2.1") {
  return summary(parse(text, address));
}

std::map<std::string, std::string> expectations(const fs::path& path) {
  std::map<std::string, std::string> all;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    all[line.substr(0, line.find('\t'))] = line.substr(std::min(line.find('\t') + 1, line.size()));
  return all;
}

// Of the networks that the predecessors' library lists, the one with the fewest addresses. A range
// is written `FIRST - LAST`, or as LACNIC writes it.
std::string expected(std::map<std::string, std::string> wanted) {
  std::string smallest;
  base::Address first, last;
  for (int i = 0; i < std::stoi(wanted["nets.count"]); i++) {
    const auto of = [&](const char* what) -> std::string& { return wanted[cat("nets.", i, what)]; };
    const auto whole = summary(cat("inetnum: ", of(".range"), "\n"), wanted["query"]);
    const auto begin = *base::parse_address(whole.substr(0, whole.find(' ')));
    const auto end = *base::parse_address(base::part(whole, ' ', 1).value_or(""));
    if (i > 0 && (begin.bytes < first.bytes || end.bytes > last.bytes)) continue;
    first = begin;
    last = end;
    smallest = cat(base::text_of(first), " ", base::text_of(last), " ",
                   wanted.contains(cat("nets.", i, ".name.is_none")) ? "-" : of(".name"), " ",
                   wanted.contains(cat("nets.", i, ".country.is_none")) ? "-" : of(".country"));
  }
  return smallest;
}

}  // namespace

TEST_CASE("real texts of the five registries are read as the predecessors read them") {
  const fs::path directory = "../shared/data/whois";
  if (!fs::exists(directory)) {
    MESSAGE("not run: there is no ", directory.string());
    return;
  }
  int count = 0;
  for (const auto& file : fs::directory_iterator(directory)) {
    if (file.path().extension() != ".txt") continue;
    CAPTURE(file.path().string());
    auto wanted = expectations(fs::path(file.path()).replace_extension(".expect"));
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    CHECK(summary(text.str(), wanted["query"]) == expected(wanted));
    count++;
  }
  CHECK(count > 0);
}

TEST_CASE("the question says that only networks are wanted, where that can be said") {
  const auto v4 = *base::parse_address("192.0.2.1"), v6 = *base::parse_address("2001:db8::1");
  CHECK(facts::whois_question(Rir::arin, v4) == "n + 192.0.2.1");
  CHECK(facts::whois_question(Rir::ripencc, v6) == "-r 2001:db8::1");
  CHECK(facts::whois_question(Rir::apnic, v4) == "-r 192.0.2.1");
  CHECK(facts::whois_question(Rir::afrinic, v4) == "-r 192.0.2.1");
  CHECK(facts::whois_question(Rir::lacnic, v4) == "192.0.2.1");
}

TEST_CASE("a network has the words of its own object, and not those of people and routes") {
  CHECK(summary("% Information related to '192.0.2.0 - 192.0.2.255'\n"
                "\n"
                "inetnum:        192.0.2.0 - 192.0.2.255\n"
                "netname:        EXAMPLE-NET\n"
                "descr:          country: XX\n"
                "                netname: WRONG\n"
                "+               country: XX\n"
                "country:        nl # since 2019\n"
                "country:        DE\n"
                "source:         RIPE # Filtered\n"
                "\n"
                "role:           Somebody\n"
                "country:        XX\n"
                "\n"
                "route:          192.0.2.0/25\n"
                "netname:        ROUTE\n") == "192.0.2.0 192.0.2.255 EXAMPLE-NET NL");
  CHECK(summary("inetnum: 192.0.2.0/24\n\nrole: x\ncountry: XX\nnetname: X\n") ==
        "192.0.2.0 192.0.2.255 - -");
  CHECK(summary("route: 192.0.2.0/24\norigin: AS64496\n") == "unreadable");
}

TEST_CASE("ARIN tells the country of a network's owner behind it") {
  const std::string text =
      "# start\r\n\r\n"
      "NetRange:       192.0.0.0 - 192.0.255.255\r\nCIDR: 192.0.0.0/16\r\n"
      "NetName:        OUTER\r\nNetType: Direct Allocation\r\nOriginAS:       \r\n\r\n\r\n\r\n"
      "OrgName:        Outer Inc.\r\nCountry:        US\r\n\r\n"
      "OrgTechHandle:  X-ARIN\r\nCountry: XX\r\n\r\n# end\r\n\r\n\r\n# start\r\n\r\n"
      "NetRange:       192.0.2.0 - 192.0.2.255\r\nNetName: INNER\r\nNetType: Reassigned\r\n\r\n"
      "CustName:       Inner\r\nCountry:        CA\r\n\r\n# end\r\n";
  CHECK(summary(text) == "192.0.2.0 192.0.2.255 INNER CA");
  CHECK(summary(text, "192.0.3.1") == "192.0.0.0 192.0.255.255 OUTER US");
}

TEST_CASE("LACNIC's networks have no name, and may leave out zeros") {
  CHECK(summary("\n% Joint Whois - whois.lacnic.net\n%  This server accepts single ASN\n \n\n"
                "inetnum:     192.0.2/24\nstatus:      allocated\nowner:       Pe\xf1"
                "a, S.A.\ncountry:     MX\n\nnic-hdl: X\ncountry: XX\n") ==
        "192.0.2.0 192.0.2.255 - MX");
  CHECK(summary("inetnum: 192/8\n") == "192.0.0.0 192.255.255.255 - -");
  CHECK(summary("inetnum: 2001:db8::/32\n", "2001:db8::1") ==
        "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff - -");
}

TEST_CASE("C13 of several networks the smallest around the address is the one that is meant") {
  const std::string outer = "inet6num: 2001:0db8::/32\nnetname: OUTER\ncountry: JP\n\n";
  const std::string inner = "inet6num: 2001:0db8:1::/48\nnetname: INNER\ncountry: JP\n\n";
  const std::string other = "inet6num: 2001:0db8:2::/64\nnetname: OTHER\ncountry: JP\n\n";
  const std::string v4 = "inetnum: 192.0.2.1\nnetname: V4\n\n";
  for (const auto& text : {outer + inner + other + v4, v4 + other + inner + outer}) {
    CHECK(parse(text, "2001:db8:1::1").network.name.find()->compare("INNER") == 0);
    CHECK(parse(text, "2001:db8:3::1").network.name.find()->compare("OUTER") == 0);
    CHECK(parse(text, "2001:db8:2::1").network.name.find()->compare("OTHER") == 0);
    CHECK(summary(text) == "192.0.2.1 192.0.2.1 V4 -");
    CHECK(summary(text, "2001:db9::") == "unreadable");
  }
}

TEST_CASE("what a registry has not got is nothing, and a block for others is none of its own") {
  for (const char* text :
       {"%ERROR:101: no entries found\n%\n% No entries found in source RIPE.\n",
        "# whatever\n\nNo match found for n + 192.0.2.1.\n\n", "% No match for \"192.0.2.1\"\n",
        "% 192.0.2.1 is not allocated to LACNIC\n", "% Unallocated resource\n",
        "inetnum: 192.0.0.0 - 192.0.3.255\nnetname: NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK\n"
        "country: EU # Country is really world wide\n",
        "inetnum: 0.0.0.0 - 255.255.255.255\nnetname: IANA-BLK\ncountry: EU\n",
        "NetRange: 192.0.0.0 - 192.0.255.255\nNetName: RIPE-1\nNetType: Allocated to RIPE NCC\n"}) {
    CAPTURE(text);
    CHECK(summary(std::string(text)) == "nothing");
  }
  CHECK(summary("inetnum: 192.0.0.0/16\nnetname: IANA-BLK\n\ninetnum: 192.0.2.0/24\n") ==
        "192.0.2.0 192.0.2.255 - -");
}

TEST_CASE("a registry that has been asked too often says so, and nobody else can in its place") {
  for (const char* text :
       {"%ERROR:201: access denied for 192.0.2.9\n%\n% Sorry, access from your host has been\n",
        "%ERROR:202: access control limit reached for 192.0.2.9\n",
        "% Query rate limit exceeded. Reduced information.\n\ninetnum: 192.0.2.0/24\n",
        "Query rate limit exceeded\n", "# Query Rate Limit Exceeded. 5 a second\n",
        "% Permission denied.\n", "Too many queries, try again later\n"}) {
    CAPTURE(text);
    CHECK(summary(std::string(text)) == "refused");
  }
  CHECK(summary("inetnum: 192.0.2.0/24\nremarks: rate limit exceeded\nremarks:\n"
                " too many\n+access denied\n\tno match\n") == "192.0.2.0 192.0.2.255 - -");
}

TEST_CASE("what cannot be read is no network") {
  for (const char* text :
       {"", "\n\n", "<html>", ":", "inetnum:", "inetnum: x\nnetname: X\n",
        "inetnum: 192.0.2.255 - 192.0.2.0\nnetname: X\n", "inetnum: 192.0.2.0 - 2001:db8::\n",
        "inetnum: 192.0.2.0/33\n", "inetnum: 192.0.2.0/x\n", "inetnum: /24\n",
        "netname: X\ninetnum: 192.0.2.0/24\n", "inetnum: 192.0.3.0/24\n"}) {
    CAPTURE(text);
    CHECK(summary(std::string(text)) == "unreadable");
  }
  const std::string longest(255, 'x');
  CHECK(summary("inetnum: 192.0.2.0/24\nnetname: x\x1b\x7fy\xc3\xa4\nCountry: \x01\n") ==
        "192.0.2.0 192.0.2.255 xy -");
  CHECK(summary("inetnum: 192.0.2.0/24\nnetname: " + longest) ==
        "192.0.2.0 192.0.2.255 " + longest + " -");
  CHECK(summary("inetnum: 192.0.2.0/24\nnetname: x" + longest) == "192.0.2.0 192.0.2.255 - -");
}
