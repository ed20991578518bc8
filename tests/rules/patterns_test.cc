// Patterns: the vectors, which are what Python and Lua really answered, and what must hold for
// lists of many of them.
// SPDX-License-Identifier: MIT

#include "cached/rules/patterns.h"

#include <doctest/doctest.h>
#include <array>
#include <chrono>
#include <fstream>
#include <set>
#include <string>

#include "cached/base/text.h"

namespace {

using rules::Live;
using rules::Patterns;
using rules::Rule;
using rules::RuleId;
using rules::Syntax;
using Case = Patterns::Case;

const std::vector<Rule> for_ever(20'000);
const Live all(for_ever, 0);

// 1, 0, or E and why.
std::string verdict(std::string_view pattern, Syntax syntax, std::string_view subject,
                    Case letters = Case::matters) {
  Patterns patterns(letters);
  const auto added = patterns.add(pattern, syntax, 7);
  if (!added) return "E " + added.error().text;
  REQUIRE(patterns.build());
  const auto found = patterns.find(subject, all);
  if (found) CHECK(*found == 7);
  return found ? "1" : "0";
}

bool refused(std::string_view pattern, Syntax syntax) {
  return verdict(pattern, syntax, "").starts_with('E');
}

// The vectors have what Python and Lua say. RE2 cannot say it of these: they are refused as well.
const std::set<std::string> beyond_re2 = {
    R"((?=.*LINODE).*)", R"((?!GOOGLE).*)",
    R"((?<=X)Y)",        R"((?P<a>\w)(?P=a).*)",
    R"(a{1001})",        R"(%f[%w]%w+)",
    R"((.)%1)",          R"((.*)%1)",
    R"((%w)%1.*)",       R"(\N{LATIN SMALL LETTER A})",
};

}  // namespace

TEST_CASE("every vector is answered as Python and Lua answer it, or the pattern is refused") {
  std::ifstream file("tests/rules/patterns.tsv");
  std::string line;
  int rows = 0, refusals = 0;
  for (std::getline(file, line); std::getline(file, line); rows++) {
    CAPTURE(line);
    std::array<std::string_view, 4> column;
    for (int i = 0; i < 4; i++) {
      const auto part = base::part(line, '\t', i);
      REQUIRE(part);
      column[static_cast<std::size_t>(i)] = *part;
    }
    const auto syntax = column[1] == "lua" ? Syntax::lua : Syntax::regex;
    const std::string got = verdict(column[0], syntax, column[2]);
    CAPTURE(got);
    if (beyond_re2.contains(std::string(column[0]))) {
      CHECK(got.starts_with("E "));
      CHECK(got.find("cannot be expressed") + got.find("at most") + got.find("known here") !=
            3 * std::string::npos);
      refusals++;
    } else {
      CHECK(got.substr(0, 1) == column[3]);
    }
  }
  CHECK(rows == 258);
  CHECK(refusals >= 10);
}

TEST_CASE("B20, B21: regex matches the whole string, prefix its beginning as the predecessor did") {
  CHECK(verdict(R"(node-eu-0001\.email2-cloud)", Syntax::regex, "node-eu-0001.email2-cloud.com") ==
        "0");
  CHECK(verdict(R"(node-eu-0001\.email2-cloud)", Syntax::prefix, "node-eu-0001.email2-cloud.com") ==
        "1");
  CHECK(verdict("Akamai", Syntax::regex, "Akamai Connected Cloud, SG") == "0");
  CHECK(verdict("Akamai", Syntax::prefix, "Akamai Connected Cloud, SG") == "1");
  CHECK(verdict("Akamai", Syntax::prefix, "X Akamai") == "0");
  CHECK(verdict("(?i)akamai|google$", Syntax::prefix, "Akamai Connected Cloud, SG") == "1");
  CHECK(verdict("akamai|google$", Syntax::prefix, "google, US") == "0");
  CHECK(verdict("google$", Syntax::prefix, "google\n") == "1");
}

TEST_CASE("B22: host names match whatever their case, in every syntax") {
  const std::string host = "node-eu-0001.email2-cloud.com";
  for (const auto& row : std::vector<std::pair<std::string, Syntax>>{
           {"NODE-EU-0001.*", Syntax::regex},
           {"NODE-EU-0001", Syntax::prefix},
           {"[N-Z]ODE-[^a-dF-Z]U.*", Syntax::regex},
           {"NODE%-EU%-%d+%.EMAIL2%-CLOUD%.COM", Syntax::lua},
           {"%u+%-.*", Syntax::lua},
           {"Node-EU-0001.Email2-Cloud.com", Syntax::exact},
           {R"(Node-EU-0001\.Email2-Cloud\.com)", Syntax::regex}}) {
    const auto& pattern = row.first;
    const Syntax syntax = row.second;
    CAPTURE(pattern);
    CHECK(verdict(pattern, syntax, host, Case::ignored) == "1");
    CHECK(verdict(pattern, syntax, host, Case::matters) == "0");
  }
  CHECK(verdict("[^N]ode.*", Syntax::lua, host, Case::ignored) == "0");
  CHECK(verdict("[^N]ode.*", Syntax::regex, host, Case::ignored) == "0");
  CHECK(verdict("(?-i:NODE).*", Syntax::regex, host, Case::ignored) == "0");
}

TEST_CASE("B23: a malformed pattern is refused when it is loaded, and the text says what it is") {
  const std::string set = verdict("mail[0-9", Syntax::regex, "mail1");
  CHECK(set == "E a [ without its ]; write \\[ for a bracket");
  CHECK(verdict("mail[0-9", Syntax::lua, "mail1").starts_with("E malformed: a [ without its ]"));
  // badclients' README ships this one.
  CHECK(verdict("DTAG%-.%", Syntax::lua, "DTAG-DIAL16").starts_with("E malformed: it ends with %"));
}

TEST_CASE("K06, K07: a malformed Lua pattern is refused even if no match would reach the fault") {
  for (const char* pattern : {"x[", "x%", "(x", "x)", "%1", "%b", "x%0", "[%]", "[^", "[]", "x[a%"})
    CHECK_MESSAGE(refused(pattern, Syntax::lua), pattern);
  CHECK(!refused("'VODANET", Syntax::lua));  // a quote is a letter like others
  CHECK(refused(std::string(33 * 2, '('), Syntax::lua));
}

TEST_CASE("%z is the NUL of Lua 5.1, which Lua 5.4 still knows") {
  CHECK(verdict("a%z", Syntax::lua, std::string_view("a\0", 2)) == "1");
  CHECK(verdict("%Z", Syntax::lua, "z") == "1");
  CHECK(verdict("%z", Syntax::lua, "z") == "0");
}

TEST_CASE("K15: a host name pasted into a Lua list is warned of, not refused") {
  CHECK(verdict("ec2-52-23.compute.com", Syntax::lua, "ec2-52-23.compute.com") == "0");
  CHECK(rules::warning("ec2-52-23.compute.com", Syntax::lua) ==
        "the - after 2 repeats it, as * would; write %- for a hyphen");
  CHECK(rules::warning("ec2%-52%-23%.compute%.com", Syntax::lua).empty());
  CHECK(rules::warning(".-, US", Syntax::lua).empty());
  CHECK(rules::warning("[a-z]+", Syntax::lua).empty());
  CHECK(rules::warning("x[", Syntax::lua).empty());
  CHECK(rules::warning("ec2-52-23.compute.com", Syntax::regex).empty());
  CHECK(rules::warning("C#.*", Syntax::regex).empty());
  CHECK(rules::warning("GOOGLE.* # cloud until=2027-01-31", Syntax::regex) != "");
}

TEST_CASE("C16: a pattern that makes Python take seconds is linear in the text") {
  // Python doubles its time with every letter: at 10 million this returns only if it is linear.
  const std::string huge(10'000'000, 'a');
  CHECK(verdict(R"((host-|node-)*([a-z0-9-]+)+\.nomatch$)", Syntax::regex, huge) == "0");
  CHECK(verdict(R"((host-|node-)*([a-z0-9-]+)+\.nomatch$)", Syntax::regex, huge + ".nomatch") ==
        "1");
  const std::string long_text(100'000, 'a');
  CHECK(verdict(".-.-.-.-.-.-.-b", Syntax::lua, long_text) == "0");
  CHECK(verdict("(.-.-.-.-.-.-.-b)", Syntax::lua, long_text + "b") == "1");
}

TEST_CASE("what Python refuses is refused, though RE2 would take it") {
  for (const char* pattern :
       {R"(\z)",     R"(\pL)",   R"(\p{Greek})", R"(\Qa.b\E)", R"(\C)",
        "a(?i)b",    "(?i-i:a)", "(?U)a",        "(?<name>a)", "(?P<a>x)(?P<a>y)",
        "(?P<1>x)",  "^*",       "a**",          "a{2}{3}",    "a|*",
        "(*a)",      "[b-a]",    R"([\w-z])",    "a)",         "(a",
        R"(\x{41})", R"(\x4)",   R"(\8)",        R"(\400)",    R"([\A])",
        "(?a)(?u)x", "(?L)x",    "(?-i)x",       "\xff"})
    CHECK_MESSAGE(refused(pattern, Syntax::regex), pattern);
}

TEST_CASE("what RE2 cannot express is refused with the thing to write instead") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"(?=a)b", "lookahead"},
      {"(?!a)b", "negative lookahead"},
      {"(?<!a)b", "lookbehind"},
      {R"((a)\1)", "what a group matched"},
      {"(?P=n)", "(?P=name)"},
      {"(?>a)", "atomic"},
      {"a*+", "possessive"},
      {"(a)(?(1)b|c)", "condition"},
      {"(?x) a", "without blanks"},
      {R"(\N{DASH})", "by name"},
      {"(?:a{1000}){1000}", "fewer repetitions"},
      {"(?:[a-z]{30}.{30}){10}{9}", "follows"},
      {"(?:(?:ab?){500}(?:cd?e?f?g?h?){500}){1}[a-z]{999}(?:ab?c?d?e?f?){999}", "too large"},
  };
  for (const auto& [pattern, says] : rows) {
    const std::string got = verdict(pattern, Syntax::regex, "");
    CHECK_MESSAGE(got.find(says) != std::string::npos, got);
    CHECK_MESSAGE(got.find("write") != std::string::npos, got);
  }
  for (const char* pattern : {"%bxy", "%f[a]", "(a)%1"})
    CHECK(verdict(pattern, Syntax::lua, "").find("cannot be expressed") != std::string::npos);
  CHECK(refused(std::string(5000, 'a'), Syntax::regex));
}

TEST_CASE("Python's spellings that RE2 lacks are rewritten") {
  const std::vector<std::array<std::string, 2>> matches = {
      {R"(\AGOOGLE\Z)", "GOOGLE"},
      {"x{,2}y", "xxy"},
      {"x{,}y", "xxxxxy"},
      {"x{a}", "x{a}"},
      {"x{}", "x{}"},
      {R"(\u0041\U00000042)", "AB"},
      {R"(a\0b)", std::string("a\0b", 3)},
      {"a(?#a comment)b", "ab"},
      {"(?P<name>a)b", "ab"},
      {"[[:alpha:]]", ":]"},
      {R"([\101-\x43]+)", "ABC"},
      {R"([^\W_]+)", "caf\u00e9"},
      {R"(\w+\s\S+)", "caf\u00e9\u00a0x"},
      {"(?s).", "\n"},
      {"(?m)^a$\n^b$", "a\nb"},
      {"(?i:\u00e9)x", "\u00c9x"},
      {"(?i)stra\u017fe", "STRASE"},
      {"(?i)\u212a", "k"},
      {".....", "\u00e9\u00e9\u4e2d\U0001F600x"},
  };
  for (const auto& row : matches)
    CHECK_MESSAGE(verdict(row[0], Syntax::regex, row[1]) == "1", row[0]);
  CHECK(verdict("[^\u00e9]", Syntax::regex, "\u00e9") == "0");
  CHECK(verdict(R"((?a)\w)", Syntax::regex, "\u00e9") == "0");
  CHECK(verdict(R"(\d+)", Syntax::regex, "\u00bd") == "0");
  CHECK(verdict("...", Syntax::regex, "\u00e9\u00e9") == "0");
  CHECK(verdict("k", Syntax::regex, "\u212a") == "0");
}

TEST_CASE("a text that is not UTF-8 slips past no pattern: it is read as Latin-1") {
  CHECK(verdict(R"(.*\.evil\.example)", Syntax::regex, "x\xff.evil.example") == "1");
  CHECK(verdict("TELEF\u00d3NICA.*", Syntax::regex, "TELEF\xd3NICA, ES") == "1");
  CHECK(verdict(R"(.*%.evil%.example)", Syntax::lua, "x\xff.evil.example") == "1");
}

TEST_CASE("no login compiles a pattern, whatever strangers call their network") {
  Patterns patterns(Case::matters);
  REQUIRE(patterns.add(R"(\w{1,100} \w{1,100})", Syntax::regex, 3));
  REQUIRE(patterns.add(R"(Telef\wnica .*)", Syntax::regex, 5));
  REQUIRE(patterns.build());
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; i++) {
    const std::string name = base::cat(" Brasil", i);
    CHECK(patterns.find("Telef\u00f3nica" + name, all) == 3);
    CHECK(patterns.find("Telef\u00f3nica" + name + ", BR", all) == 5);
    CHECK(!patterns.find("Telef\u00d7nica" + name, all));  // a sign, no letter
  }
  // In RE2's own UTF-8 the first takes a tenth of a second to compile.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("of all forms, the first live rule is found") {
  Patterns patterns(Case::matters);
  std::vector<Rule> rules(10);
  REQUIRE(patterns.add("GOOGLE.*", Syntax::regex, 4));
  REQUIRE(patterns.add("GOOGLE, US", Syntax::regex, 5));  // a text and nothing else
  REQUIRE(patterns.add("google, us", Syntax::ignoring_case, 3));
  REQUIRE(patterns.add("GOOGLE, US", Syntax::exact, 6));
  REQUIRE(patterns.add(".-, US", Syntax::lua, 2));
  REQUIRE(patterns.add("GOOGLE", Syntax::prefix, 7));
  REQUIRE(patterns.add(".....*", Syntax::regex, 8));
  REQUIRE(patterns.build());
  for (RuleId first = 2; first <= 8; first++) {
    CHECK(patterns.find("GOOGLE, US", Live(rules, 100)) == first);
    rules[first].until = 100;  // expired
  }
  CHECK(!patterns.find("GOOGLE, US", Live(rules, 100)));
  CHECK(patterns.find("GOOGLE, US", Live(rules, 99)) == RuleId{2});
}

TEST_CASE("in thousands of patterns each is found, in ASCII and beyond it") {
  Patterns patterns(Case::matters);
  const RuleId count = 6000;
  for (RuleId id = 0; id < count; id++) {
    const std::string n = std::to_string(id);
    const std::string pattern = id % 5 == 0   ? R"(.*\.host)" + n + R"(\.example\.com)"
                                : id % 5 == 1 ? "NAME" + n + ".*"
                                : id % 5 == 2 ? R"(\d+-x)" + n + "|y" + n  // needs no four bytes
                                : id % 5 == 3 ? R"(\w*mail\d*[.]c)" + n
                                              : "N\u00c4ME" + n + ".+";
    REQUIRE(patterns.add(pattern, Syntax::regex, id));
  }
  REQUIRE(patterns.build());
  for (RuleId id = 0; id < count; id += 7) {
    const std::string n = std::to_string(id);
    const std::string subject = id % 5 == 0   ? "mx.host" + n + ".example.com"
                                : id % 5 == 1 ? "NAME" + n
                                : id % 5 == 2 ? "\u0661\u0662-x" + n
                                : id % 5 == 3 ? "\u00e4mail1.c" + n
                                              : "N\u00c4ME" + n + ", DE";
    CAPTURE(subject);
    const auto found = patterns.find(subject, all);
    REQUIRE(found);
    // NAME1 is found in NAME12, and comes first.
    CHECK((*found == id || (*found < id && id % 5 != 0 && id % 5 != 2)));
  }
  CHECK(!patterns.find("ec2-52-23-158-188.compute-1.amazonaws.com", all));
}

TEST_CASE("patterns too large for one set are spread over several") {
  Patterns patterns(Case::matters);
  for (RuleId id = 0; id < 12; id++)
    REQUIRE(patterns.add(base::cat("(?:[ac]?[bd]?[ac]?[bd]?[0-9]?){550}", id), Syntax::regex, id));
  REQUIRE(patterns.build());
  std::string text;
  for (int i = 0; i < 550; i++) text += "ab7";
  CHECK(patterns.find(text + "11", all) == RuleId{11});
  CHECK(patterns.find(text + "9", all) == RuleId{9});
  CHECK(!patterns.find(text + "x", all));
}
