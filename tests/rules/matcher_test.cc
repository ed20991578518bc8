// Entries of each kind of list: what is read, what is refused, and what they match.
// SPDX-License-Identifier: MIT

#include "cached/rules/matcher.h"

#include <doctest/doctest.h>

#include "cached/base/text.h"

namespace {

using rules::Matcher;
using rules::Subject;
using rules::Syntax;

using Make = std::unique_ptr<Matcher> (*)();

// A list of these entries, in their order; those that are refused are in errors.
struct Listed {
  std::unique_ptr<Matcher> matcher;
  std::vector<rules::Rule> rules;
  std::string errors;

  Listed(Make make, const std::vector<std::string>& entries, Syntax syntax = Syntax::regex)
      : matcher(make()) {
    for (const auto& entry : entries) {
      const auto added = matcher->add(entry, syntax, static_cast<rules::RuleId>(rules.size()));
      rules.push_back({});
      if (!added) errors += added.error().text + "\n";
    }
    CHECK(matcher->build());
  }

  // The entry that matches, from 0; -1: none.
  int find(const Subject& subject, rules::Time now = 0) const {
    const auto found = matcher->find(subject, rules::Live(rules, now));
    return found ? static_cast<int>(*found) : -1;
  }
  int text(std::string_view subject) const { return find(subject); }
  int number(std::uint32_t subject) const { return find(subject); }
  int address(const char* subject) const { return find(*base::parse_address(subject)); }
};

std::string error_of(Make make, const std::string& entry) { return Listed(make, {entry}).errors; }

}  // namespace

TEST_CASE("a network has text behind it, host bits, or no prefix (B13 B14)") {
  const Listed list(rules::make_networks, {"139.162.133.0/24 Linode", "1.1.1.1,Cloudflare",
                                           "2001:db8:1::/48;docs", "176.112.170.0/21", "2600::1"});
  CHECK(list.errors == "");
  CHECK(list.address("139.162.133.252") == 0);
  CHECK(list.address("1.1.1.1") == 1);
  CHECK(list.address("1.1.1.2") == -1);
  CHECK(list.address("2001:db8:1:ffff::") == 2);
  CHECK(list.address("176.112.168.1") == 3);
  CHECK(list.address("176.112.175.255") == 3);
  CHECK(list.address("176.112.176.0") == -1);
  CHECK(list.address("2600::1") == 4);
  CHECK(list.address("2600::2") == -1);
}

TEST_CASE("a second network on a line is an error, as it would be lost") {
  for (const char* bad :
       {"1.1.1.1 1.1.1.9", "1.1.1.0/24, 2.2.2.0/24", "1.1.1.0/24;2.2.2.0/24", "1.1.1.1 - 1.1.1.9",
        "1.1.1.1-1.1.1.9", "1.1.1.0\t1.1.1.255\t24\t1234", "2600::1 2600::2"}) {
    CAPTURE(bad);
    CHECK(error_of(rules::make_networks, bad) != "");
  }
  const Listed list(rules::make_networks, {"1.1.1.1 24 hits", "1.10.16.0/20 ; SBL256894",
                                           "2.2.2.2 :: was 3.3.3.3", "4.4.4.4 -"});
  CHECK(list.errors == "");
  CHECK(list.address("3.3.3.3") == -1);
}

TEST_CASE("B17 B18 B19 the whole of one family is nothing of the other") {
  const Listed v4(rules::make_networks, {"0.0.0.0/0"});
  CHECK(v4.address("8.8.8.8") == 0);
  CHECK(v4.address("::ffff:8.8.8.8") == 0);
  CHECK(v4.address("2a00:1450:4001::808:801") == -1);
  CHECK(v4.address("::808:801") == -1);
  const Listed v6(rules::make_networks, {"::/0"});
  CHECK(v6.address("2a00::1") == 0);
  CHECK(v6.address("8.8.8.8") == -1);
  const Listed mapped(rules::make_networks, {"::ffff:8.8.8.0/120"});
  CHECK(mapped.address("8.8.8.8") == 0);
  CHECK(mapped.address("8.8.9.8") == -1);
}

TEST_CASE("B15 B16 what is no network is refused") {
  for (const char* bad :
       {"139.162.133.252/33", "999.1.1.0/24", "1.2.3", "1.2.3.4/", "1.2.3.4/-0", "1.2.3.4/+8",
        "1.2.3.4/8x", "fe80::1%eth0", "::/129", "1.2.3.4-1.2.3.9", "example.org", "010.1.1.1/8"}) {
    CAPTURE(bad);
    CHECK(error_of(rules::make_networks, bad) != "");
  }
  CHECK(error_of(rules::make_networks, "::/129") ==
        "::/129: the prefix must be between 0 and 128\n");
}

TEST_CASE("B12 B26 countries and AS numbers are read as people write them") {
  const Listed countries(rules::make_countries,
                         {"nl", "De Germany", "EU", "None", "FR: France", "GB (Great Britain)"});
  CHECK(countries.errors == "");
  CHECK(countries.text("NL") == 0);
  CHECK(countries.text("DE") == 1);
  CHECK(countries.text("eu") == 2);
  CHECK(countries.text("None") == 3);
  CHECK(countries.text("FR") == 4);
  CHECK(countries.text("GB") == 5);
  CHECK(countries.text("") == -1);
  CHECK(countries.text("N") == -1);
  CHECK(countries.text("NLD") == -1);
}

TEST_CASE("K13 what is more or less than one country is refused") {
  for (const char* bad : {"DE-BY", "DE1", "DE_", "DE.FR", "DE, FR", "DE,FR", "DE;FR", "DE/FR",
                          "DE FR", "DE None", "QQ", "DEU", "D", "12", "none", "NONE", "D E", "-"}) {
    CAPTURE(bad);
    CHECK(error_of(rules::make_countries, bad) != "");
  }
  CHECK(error_of(rules::make_countries, "DE-BY") == "DE-BY: is more than a country code\n");
}

TEST_CASE("words are whole entries in either case, and may be quoted (B25)") {
  const Listed list(rules::make_words, {"ORG-LLCn4-RIPE", "'btcr3-ripe", "\"MAIL-RU", "a b"});
  CHECK(list.text("org-llcN4-ripe") == 0);
  CHECK(list.text("BTCR3-RIPE") == 1);
  CHECK(list.text("mail-ru") == 2);
  CHECK(list.text("A B") == 3);
  CHECK(list.text("ORG-LLCn4") == -1);
  CHECK(list.text("") == -1);
}

TEST_CASE("an AS number has its AS in either case or none, and others stand behind it (B26)") {
  const Listed list(rules::make_as_numbers,
                    {"AS3209", "as63949 Linode", "15169", "AS1, AS2 and (AS3)", "AS4 5 as6 AS",
                     "AS4294967295", "AS0", "AS7: text AS8/AS9"});
  CHECK(list.errors == "");
  CHECK(list.number(3209) == 0);
  CHECK(list.number(63949) == 1);
  CHECK(list.number(15169) == 2);
  for (const std::uint32_t each : {1, 2, 3}) CHECK(list.number(each) == 3);
  CHECK(list.number(4) == 4);
  CHECK(list.number(5) == -1);
  CHECK(list.number(6) == -1);
  CHECK(list.number(4294967295) == 5);
  CHECK(list.number(0) == 6);
  CHECK(list.number(7) == 7);
  CHECK(list.text("3209") == -1);
  for (const char* bad : {"AS", "ASx", "AS1x", "AS-1", "AS4294967296", "Linode AS63949", "()",
                          "3.5", "AS 1", "asAS1", ","}) {
    CAPTURE(bad);
    CHECK(error_of(rules::make_as_numbers, bad) != "");
  }
}

TEST_CASE("K26 a Geonames ID may end in .0, and have text behind it") {
  const Listed list(rules::make_place_ids, {"2921044", "2925533.0 Frankfurt", "6254928,Virginia"});
  CHECK(list.errors == "");
  CHECK(list.number(2921044) == 0);
  CHECK(list.number(2925533) == 1);
  CHECK(list.number(6254928) == 2);
  for (const char* bad : {"0", "0.0", "-1", "2921044.5", "Berlin", "4294967296", ".0"}) {
    CAPTURE(bad);
    CHECK(error_of(rules::make_place_ids, bad) != "");
  }
}

TEST_CASE("patterns and quoted literals are in one list, and hosts have letters in either case") {
  const Listed names(rules::make_patterns, {"GOOGLE.*", "'mail.ru, RU", "\"a.b", "'", "x+"});
  CHECK(names.errors == "");
  CHECK(names.text("GOOGLE, US") == 0);
  CHECK(names.text("google, US") == -1);
  CHECK(names.text("MAIL.RU, ru") == 1);
  CHECK(names.text("mailxru, RU") == -1);
  CHECK(names.text("a.b") == 2);
  CHECK(names.text("A.B") == -1);
  CHECK(names.text("") == 3);
  CHECK(names.text("xxx") == 4);
  const Listed hosts(rules::make_hosts, {"Node-.*", "\"Mail.Example", "<>"});
  CHECK(hosts.text("NODE-1") == 0);
  CHECK(hosts.text("mail.example") == 1);
  CHECK(hosts.text("<>") == 2);
}

TEST_CASE("a list finds nothing in a subject of another kind") {
  const facts::Position here{};
  const Subject subjects[] = {std::string_view("1"), std::uint32_t{1},
                              *base::parse_address("0.0.0.1"), &here};
  const Listed lists[] = {{rules::make_patterns, {".*"}},
                          {rules::make_as_numbers, {"1"}},
                          {rules::make_networks, {"0.0.0.0/0"}},
                          {rules::make_circles, {"0,0,10,0.5"}}};
  for (std::size_t own = 0; own < 4; own++)
    for (std::size_t kind = 0; kind < 4; kind++)
      CHECK(lists[own].find(subjects[kind]) == (kind == own ? 0 : -1));
}

TEST_CASE("of entries that say the same, the first that has not ended is found") {
  Listed lists[] = {{rules::make_networks, {"1.1.1.1", "1.1.1.1", "1.1.1.1"}},
                    {rules::make_as_numbers, {"AS1", "AS1", "AS1"}},
                    {rules::make_words, {"A", "a", "A"}},
                    {rules::make_patterns, {"a|A", "a|A", "a|A"}},
                    {rules::make_circles, {"0,0,1,0", "0,0,1,0", "0,0,1,0"}}};
  const facts::Position here{};
  const Subject subjects[] = {*base::parse_address("1.1.1.1"), std::uint32_t{1},
                              std::string_view("a"), std::string_view("a"), &here};
  for (std::size_t kind = 0; kind < std::size(lists); kind++) {
    Listed& list = lists[kind];
    CAPTURE(kind);
    CHECK(list.find(subjects[kind], 5) == 0);
    list.rules[0].until = 5;
    CHECK(list.find(subjects[kind], 4) == 0);
    CHECK(list.find(subjects[kind], 5) == 1);
    list.rules[1].until = list.rules[2].until = 1;
    CHECK(list.find(subjects[kind], 5) == -1);
  }
}

TEST_CASE("a list without entries matches nothing") {
  CHECK(Listed(rules::make_networks, {}).address("1.1.1.1") == -1);
  CHECK(Listed(rules::make_as_numbers, {}).number(0) == -1);
  CHECK(Listed(rules::make_patterns, {}).text("") == -1);
  CHECK(Listed(rules::make_words, {}).text("") == -1);
}

TEST_CASE("two numbers with a comma between them are an error, as one would be lost") {
  const auto error_of = [](std::unique_ptr<rules::Matcher> matcher, const char* text) {
    const auto added = matcher->add(text, rules::Syntax::regex, 0);
    return added ? "" : added.error().text;
  };
  CHECK(error_of(rules::make_place_ids(), "2925533, 2921044") == "one Geonames ID on a line");
  CHECK(error_of(rules::make_place_ids(), "2925533;2921044") == "one Geonames ID on a line");
  CHECK(error_of(rules::make_place_ids(), "2925533 60313 Frankfurt") == "");
  CHECK(error_of(rules::make_place_ids(), "2925533, Frankfurt") == "");
  CHECK(error_of(rules::make_as_numbers(), "AS123, 456") ==
        "AS must stand before every number but the first");
  CHECK(error_of(rules::make_as_numbers(), "AS123, AS456") == "");
  CHECK(error_of(rules::make_as_numbers(), "AS123 456 Main Street") == "");
}
