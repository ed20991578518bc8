// A directory of the registries' files.
// SPDX-License-Identifier: MIT

#include "cached/facts/seeds.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cached/base/text.h"
#include "tests/facts/seed_files.h"

namespace {

using facts::Rir;
using facts::Seeds;
using seed_files::address;
using seed_files::Directory;

std::string delegated(const std::string& rir, const std::string& cc, const std::string& start) {
  return base::cat("2|", rir, "|1|1|1|1|1\n", rir, "|*|ipv4|*|1|summary\n", rir, "|", cc, "|ipv4|",
                   start, "|65536|20100712|allocated|a\n");
}

std::string inetnum(const std::string& range, const std::string& name) {
  return base::cat("inetnum: ", range, "\nnetname: ", name, "\ncountry: GB\n\n");
}

void furnish(const Directory& directory) {
  directory.write("delegated-ripencc-extended-latest", delegated("ripencc", "GB", "62.239.0.0"));
  directory.write("delegated-arin-extended-latest", delegated("arin", "", "8.8.0.0"));
  directory.write("as-names.txt", "3209 VODANET International IP-Backbone of Vodafone, DE\n");
  directory.write("ipv4.json",
                  "{\"services\": [[[\"41.0.0.0/8\"], [\"https://rdap.afrinic.net/rdap/\"]]]}\n");
  directory.write("ripe.db.inetnum", inetnum("62.239.237.0 - 62.239.237.255", "BT-CORPORATE") +
                                         inetnum("8.0.0.0 - 8.255.255.255", "NOT-OURS"));
  directory.write("apnic.db.inetnum", inetnum("0.0.0.0 - 200.0.0.0", "NOT-OURS-EITHER"));
}

std::shared_ptr<const Seeds> open(const Directory& directory,
                                  const std::shared_ptr<const Seeds>& before = nullptr) {
  std::string warnings;
  const auto seeds = facts::open_seeds(directory.path(), before, warnings);
  REQUIRE_MESSAGE(seeds, (seeds ? "" : seeds.error().text));
  CHECK(warnings == "");
  return *seeds;
}

std::string problem_of(const Directory& directory) {
  std::string warnings;
  const auto seeds = facts::open_seeds(directory.path(), nullptr, warnings);
  return seeds ? "" : seeds.error().text;
}

}  // namespace

TEST_CASE("each file of the directory says what it knows") {
  const Directory directory;
  furnish(directory);
  directory.write("README", "of another name\n");
  const auto seeds = open(directory);
  CHECK(seeds->delegation(address("62.239.1.1"))->rir == Rir::ripencc);
  CHECK(seeds->delegation(address("62.239.1.1"))->country == "GB");
  CHECK(seeds->delegation(address("8.8.8.8"))->rir == Rir::arin);
  CHECK(seeds->delegation(address("8.8.8.8"))->country == "");
  CHECK(!seeds->delegation(address("41.1.1.1")));
  CHECK(seeds->rir_of(address("62.239.1.1")) == Rir::ripencc);
  CHECK(seeds->rir_of(address("41.1.1.1")) == Rir::afrinic);
  CHECK(seeds->rir_of(address("99.1.1.1")) == Rir::none);
  CHECK(seeds->rir_of(address("2001:db8::1")) == Rir::none);
  CHECK(seeds->as_name(3209) == "VODANET International IP-Backbone of Vodafone, DE");
  CHECK(seeds->as_name(1) == "");
  const std::string from(seeds->delegated_from(address("8.8.8.8")));
  CHECK(from.starts_with("delegated-arin-extended-latest of 20"));
  CHECK(seeds->delegated_from(address("41.1.1.1")) == "");
  CHECK(seeds->as_names_from().starts_with("as-names.txt of 20"));
}

TEST_CASE("each file that was read is listed with its day and its entries") {
  const Directory directory;
  furnish(directory);
  std::string shown;
  const std::string lines = open(directory)->listing();
  for (int i = 0; const auto line = base::part(lines, '\n', i); i++)
    shown += base::cat(line->substr(0, line->find(" of 20")), "|",
                       line->substr(std::min(line->find(": "), line->size())), "\n");
  CHECK(shown ==
        "delegated-arin-extended-latest|: 1 entries\n"
        "delegated-ripencc-extended-latest|: 1 entries\nas-names.txt|: 1 entries\n"
        "ipv4.json|: 1 entries\nripe.db.inetnum|: 2 entries\napnic.db.inetnum|: 1 entries\n|\n");
}

TEST_CASE("C13 a network has its own name, and a registry's dump tells of its own addresses only") {
  const Directory directory;
  furnish(directory);
  const auto seeds = open(directory);
  CHECK(seeds->network(address("62.239.237.1"))->name == "BT-CORPORATE");
  CHECK(!seeds->network(address("62.239.1.1")));  // the apnic dump has it
  CHECK(!seeds->network(address("8.8.8.8")));     // as both dumps have
  CHECK(!seeds->network(address("41.1.1.1")));    // afrinic's, by IANA's file
  CHECK(seeds->network(address("99.1.1.1"))->name == "NOT-OURS-EITHER");  // nobody knows better
  CHECK(seeds->networks_from(address("62.239.237.1")).starts_with("ripe.db.inetnum of "));
  CHECK(seeds->networks_from(address("8.8.8.8")) == "");
}

TEST_CASE("a file that is unchanged is taken over, and one that is gone is forgotten") {
  const Directory directory;
  furnish(directory);
  const auto first = open(directory);
  const char* name = first->as_name(3209).data();
  directory.write("delegated-arin-extended-latest", delegated("arin", "US", "8.8.0.0"));
  std::filesystem::remove(directory.path("ripe.db.inetnum"));
  const auto second = open(directory, first);
  CHECK(second->as_name(3209).data() == name);  // the same bytes
  CHECK(second->delegation(address("8.8.8.8"))->country == "US");
  CHECK(first->delegation(address("8.8.8.8"))->country == "");
  CHECK(!second->network(address("62.239.237.1")));
  CHECK(first->network(address("62.239.237.1")));
  const Directory other;
  furnish(other);
  CHECK(open(other, first)->as_name(3209).data() != name);
}

TEST_CASE("all bad files of the directory are named at once") {
  const Directory directory;
  furnish(directory);
  directory.write("delegated-arin-extended-latest", delegated("ripencc", "US", "8.8.0.0"));
  directory.write("as-names.txt", "<html>\n");
  directory.write("ripe.db.inetnum.gz", "inetnum: 1.0.0.0 - 1.0.0.0\n");
  CHECK(problem_of(directory) == base::cat(directory.path("delegated-arin-extended-latest"),
                                           ":1: is of ripencc and not of ", "arin\n",
                                           directory.path("as-names.txt"),
                                           ":1: \\x3chtml\\x3e is no number of an AS\n",
                                           directory.path("ripe.db.inetnum.gz"), ": there is ",
                                           directory.path("ripe.db.inetnum"), " too\n"));
}

TEST_CASE("a file that everybody can write to, or that is none, is refused") {
  const Directory directory;
  furnish(directory);
  chmod(directory.path("as-names.txt").c_str(), 0666);
  CHECK(problem_of(directory) ==
        directory.path("as-names.txt") + ": refused, everybody can write to it\n");
  std::filesystem::remove(directory.path("as-names.txt"));
  mkfifo(directory.path("as-names.txt").c_str(), 0600);
  CHECK(problem_of(directory) == directory.path("as-names.txt") + ": not a plain file\n");
}

TEST_CASE("a directory without any of the files is worth a warning, and none at all an error") {
  const Directory directory;
  std::string warnings;
  CHECK(facts::open_seeds(directory.path(), nullptr, warnings));
  CHECK(warnings == directory.path() + ": has none of the files that update-registry fetches\n");
  const auto none = facts::open_seeds(directory.path("none"), nullptr, warnings);
  REQUIRE(!none);
  CHECK(none.error().text == directory.path("none") + ": cannot open: No such file or directory\n");
}
