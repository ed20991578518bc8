// From cached.conf to the lists that judge: their order, what they inherit, and every mistake in
// it.
// SPDX-License-Identifier: MIT

#include "cached/rules/policy.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "cached/base/text.h"
#include "cached/facts/sources.h"
#include "tests/stores/scratch.h"

namespace {

using base::cat;
using rules::Judgement;
using rules::Mode;
using rules::OnUnknown;
using rules::Syntax;

struct Site : tests::Scratch {
  std::string warnings;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(cat(directory, "/", name)) << text;
    return cat(directory, "/", name);
  }

  base::Result<rules::Policy> load(const std::string& config, const rules::Policy& before = {}) {
    const auto file = config::parse_file(config, "x.conf");
    REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
    return rules::load_policy(*file, "x.conf", before, warnings);
  }
  rules::Policy good(const std::string& config, const rules::Policy& before = {}) {
    auto policy = load(config, before);
    REQUIRE_MESSAGE(policy, (policy ? "" : policy.error().text));
    return std::move(*policy);
  }
  std::string errors(const std::string& config) {
    const auto policy = load(config);
    return policy ? "none" : policy.error().text;
  }
};

std::string names(const rules::Policy& policy) {
  std::string text;
  for (const auto& list : policy.lists) text += cat(text.empty() ? "" : " ", list->settings().name);
  return text;
}

Judgement judge(const rules::Policy& policy, const char* address) {
  return rules::judge(policy, facts::look_up({}, *base::parse_address(address)), 0);
}

}  // namespace

TEST_CASE("without lists nobody is judged") {
  Site site;
  CHECK(site.good("").empty());
  CHECK(site.good("[lists]\nmode = log\nunknown = deny\n").empty());
}

TEST_CASE("lists are judged in the order of their types, however the file has them") {
  Site site;
  const auto path = site.write("any.lst", "# nothing\n");
  std::string sections, reversed, expected;
  for (const auto& type : rules::list_types()) {
    const std::string section = cat("[list ", type.name, "]\npath = ", path, "\n");
    sections += section;
    reversed = section + reversed;
    expected += cat(type.name, " ");
  }
  const std::string zone = "[dnsbl a]\nzone = a.example\ncodes = 127.0.0.2\n";
  const auto mmdb = "[maxmind]\ncity = /c.mmdb\nasn = /a.mmdb\n";
  CHECK(names(site.good(cat(mmdb, sections, zone))) == expected + "a");
  CHECK(names(site.good(cat(zone, reversed, mmdb))) == expected + "a");
}

TEST_CASE("lists of one type keep the order of the file") {
  Site site;
  const auto path = site.write("any.lst", "");
  std::string sections;
  for (const char* name : {"z", "a", "m"})
    sections += cat("[list ", name, "]\ntype = ip_networks\npath = ", path, "\n");
  CHECK(names(site.good(sections)) == "z a m");
}

TEST_CASE("what a list does not say itself, [lists] says") {
  Site site;
  const auto path = site.write("any.lst", "");
  const auto lists = site.good(
      cat("[list a]\ntype = reverse_hostname\npath = ", path,
          "\n[list b]\ntype = reverse_hostname\npattern_syntax = prefix\nmode = enforce\n"
          "unknown = allow\nmessage = Not you\npath = ",
          path, "\n[list c]\ntype = reverse_hostname\npattern_syntax = inherit\nmode = inherit\n",
          "unknown = inherit\nmessage =\npath = ", path, "\n[dnsbl d]\nzone = d.example\n",
          "codes = 127.0.0.2\n[lists]\npattern_syntax = lua\nmode = log\nunknown = later\n",
          "message = Call us\n"));
  REQUIRE(names(lists) == "a b c d");
  for (const int inheriting : {0, 2}) {
    const auto& settings = lists.lists[static_cast<std::size_t>(inheriting)]->settings();
    CHECK(settings.syntax == Syntax::lua);
    CHECK(settings.mode == Mode::log);
    CHECK(settings.on_unknown == OnUnknown::later);
    CHECK(settings.message == "Call us");
  }
  const auto& own = lists.lists[1]->settings();
  CHECK(own.syntax == Syntax::prefix);
  CHECK(own.mode == Mode::enforce);
  CHECK(own.on_unknown == OnUnknown::allow);
  CHECK(own.message == "Not you");
  const auto& zone = lists.lists[3]->settings();  // of [lists] it has the message only
  CHECK(zone.on_unknown == OnUnknown::allow);
  CHECK(zone.message == "Call us");
}

TEST_CASE("mode = log of [lists] is not for lists of whom to let in") {
  Site site;
  const auto path = site.write("any.lst", "8.8.8.0/24\n");
  const auto config = cat("[list allow_networks]\npath = ", path,
                          "\n[list ip_networks]\npath = ", path, "\n[lists]\nmode = log\n");
  const auto judgement = judge(site.good(config), "8.8.8.8");
  CHECK(judgement.is == Judgement::Is::allowed);
  REQUIRE(judgement.list);
  CHECK(judgement.list->settings().name == "allow_networks");
  CHECK(judgement.would_block.empty());
  CHECK(site.errors(cat("[list allow_networks]\nmode = log\npath = ", path, "\n")) ==
        "x.conf:2: [list allow_networks] mode: log is for lists that refuse\n");
}

TEST_CASE("ignore_networks of [audit] is a list, whose rule is its line in the configuration") {
  Site site;
  const auto path = site.write("any.lst", "0.0.0.0/0\n");
  const auto policy = site.good(cat("[list ip_networks]\npath = ", path,
                                    "\n[audit]\nignore_networks = 2001:db8::/32, 8.8.8.99/24\n"));
  const auto judgement = judge(policy, "8.8.8.8");
  CHECK(judgement.is == Judgement::Is::ignored);
  REQUIRE(judgement.rule);
  CHECK(judgement.list->where(*judgement.rule) == "x.conf:4");
  CHECK(judge(policy, "8.8.9.8").is == Judgement::Is::refused);
  CHECK(judge(policy, "2600::8").is == Judgement::Is::allowed);
}

TEST_CASE("the rule of a match is its file and line, in a directory too") {
  Site site;
  std::filesystem::create_directory(cat(site.directory, "/d"));
  const auto second = site.write("d/b.lst", "# two\n1.1.1.1 # reason=open relay\n");
  site.write("d/a.lst", "9.9.9.9\n");
  const auto policy = site.good(cat("[list ip_networks]\npath = ", site.directory, "/d\n"));
  const auto judgement = judge(policy, "1.1.1.1");
  REQUIRE(judgement.rule);
  CHECK(judgement.list->where(*judgement.rule) == second + ":2");
  CHECK(judgement.list->reason_of(*judgement.rule) == "open relay");
}

TEST_CASE("B35 W04 what is wrong with a section of a list is told with its line") {
  Site site;
  const auto path = site.write("any.lst", "");
  const auto of_list = [&](const std::string& name, const std::string& more) {
    return site.errors(cat("[list ", name, "]\npath = ", path, "\n", more));
  };
  CHECK(of_list("foo", "") ==
        "x.conf:1: [list foo] type: foo is no type of list, and none is given\n");
  CHECK(of_list("foo", "type = ip_network\n") ==
        "x.conf:3: [list foo] type: there is no type of list ip_network\n");
  CHECK(of_list("foo", "type = dnsbl\n") ==
        "x.conf:3: [list foo] type: there is no type of list dnsbl\n");
  CHECK(of_list("as_cc", "pattern_syntax = lua\n") ==
        "x.conf:3: [list as_cc] pattern_syntax: there are no patterns in a list of as_cc\n");
  CHECK(site.errors("[list ip_networks]\n") ==
        "x.conf:1: [list ip_networks] path: must be given\n");
  CHECK(of_list("ip_networks", cat("message = ", std::string(201, 'x'), "\n")) ==
        "x.conf:3: [list ip_networks] message: must be ASCII, and 200 bytes at most\n");
  CHECK(of_list("ip_networks", "message = caf\xc3\xa9\n") ==
        "x.conf:3: [list ip_networks] message: must be ASCII, and 200 bytes at most\n");
  CHECK(site.errors("[lists]\nmessage = a\tb\n") ==
        "x.conf:2: [lists] message: must be ASCII, and 200 bytes at most\n");
}

TEST_CASE("a list of what only MaxMind knows needs its database") {
  Site site;
  const auto path = site.write("any.lst", "");
  for (const auto& type : rules::list_types()) {
    const auto section = cat("[list ", type.name, "]\npath = ", path, "\n");
    const auto expected = type.database.empty()
                              ? std::string("none")
                              : cat("x.conf:1: [list ", type.name, "] type: ", type.name,
                                    " needs [maxmind] ", type.database, "\n");
    CHECK(site.errors(section) == expected);
    if (!type.database.empty())
      CHECK(site.errors(cat(section, "[maxmind]\n", type.database, " = /x.mmdb\n")) == "none");
  }
}

TEST_CASE("a list of what nobody can tell is no error, but a warning") {
  Site site;
  const auto path = site.write("any.lst", "");
  const auto warned = [&](const std::string& type, const std::string& more) {
    site.warnings.clear();
    site.good(cat("[list trial]\npath = ", path, "\ntype = ", type, "\n", more));
    const auto expected =
        cat("x.conf:3: [list trial] type: warning: nobody can tell what a list of ", type,
            " is about: [registry] asks nobody for it, and no file has it\n");
    CHECK((site.warnings.empty() || site.warnings == expected));
    return !site.warnings.empty();
  };
  const std::string never = "[registry]\nask = never\n", seeds = "seeds = /seeds\n";
  const std::string maxmind = "[maxmind]\nasn = /asn.mmdb\n";
  for (const char* type :
       {"as_numbers", "as_names", "as_cc", "network_name", "network_cc", "entities"}) {
    CAPTURE(type);
    const std::string_view is = type;
    CHECK(!warned(type, ""));
    CHECK(warned(type, never));
    CHECK(warned(type, never + maxmind) == (is != "as_numbers"));
    CHECK(warned(type, never + seeds) ==
          (is == "as_numbers" || is == "as_names" || is == "entities"));
    CHECK(warned(type, never + seeds + maxmind) == (is == "entities"));
    CHECK(warned(type, "[registry]\ncymru = no\n") == is.starts_with("as_"));
    CHECK(warned(type, "[registry]\nrdap =\n") == !is.starts_with("as_"));
  }
  CHECK(!warned("ip_networks", never));
}

TEST_CASE("a list file that is not there, and all mistakes in others, are told at once") {
  Site site;
  const auto bad = site.write("bad.lst", "8.8.8.8/33\n1.1.1.1\n999.1.1.0/24\n");
  const auto patterns = site.write("names.lst", "mail[0-9\n(?=x)\nfine\n");
  const auto config =
      cat("[list gone]\ntype = as_names\npath = ", site.directory, "/gone.lst\n",
          "[list ip_networks]\npath = ", bad, "\n[list reverse_hostname]\npath = ", patterns,
          "\n[list foo]\n[list as_cc]\npattern_syntax = lua\n");
  const auto errors = site.errors(config);
  CAPTURE(errors);
  const auto said = [&](const std::string& line) {
    return cat("\n", errors).find(cat("\n", line)) != std::string::npos;
  };
  CHECK(said(site.directory + "/gone.lst: cannot open: No such file or directory\n"));
  CHECK(said(bad + ":1: 8.8.8.8/33: the prefix must be between 0 and 32\n"));
  CHECK(said(bad + ":3: 999.1.1.0/24 is not an address or a network\n"));
  CHECK(said(patterns + ":1: "));
  CHECK(said(patterns + ":2: "));
  CHECK(said("x.conf:8: [list foo] path: must be given\n"));
  CHECK(said("x.conf:8: [list foo] type: foo is no type of list, and none is given\n"));
  CHECK(said("x.conf:9: [list as_cc] path: must be given\n"));
  CHECK(said("x.conf:10: [list as_cc] pattern_syntax: there are no patterns in a list of as_cc\n"));
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 9);
}

TEST_CASE("a list whose files and settings are the same is not compiled again") {
  Site site;
  // Not a file of just now, which would be read again: see list_file.h.
  const auto path = cat("path = ", std::filesystem::absolute("Makefile").string(), "\n");
  const auto entities = cat("[list entities]\n", path);
  const auto words = cat("[list words]\ntype = entities\n", path);
  const auto before = site.good(entities + words);
  const auto same = site.good(words + entities, before);
  REQUIRE(names(same) == "words entities");
  CHECK(same.lists[0] == before.lists[1]);
  CHECK(same.lists[1] == before.lists[0]);
  for (const char* changed : {"mode = log\n", "message = no\n", "unknown = deny\n"}) {
    CAPTURE(changed);
    const auto other = site.good(entities + changed, before);
    REQUIRE(names(other) == "entities");
    CHECK(other.lists[0] != before.lists[0]);
  }
}
