// RDAP answers: real ones when they lie beside the project, and our own of the same shapes.
// SPDX-License-Identifier: MIT

#include "cached/facts/rdap.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "cached/base/text.h"

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// `name TAB value` lines.
std::map<std::string, std::string> expectations(const fs::path& path) {
  std::map<std::string, std::string> all;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    all[line.substr(0, line.find('\t'))] = line.substr(std::min(line.find('\t') + 1, line.size()));
  return all;
}

std::string text_of(const facts::Fact<std::string>& fact) {
  return fact.find() ? *fact.find() : "";
}

// A network object with what is given, in the shape of RFC 9083, 5.4.
std::string network(const std::string& more) {
  return base::cat(R"({"objectClassName":"ip network","handle":"N","ipVersion":"v4",)"
                   R"("startAddress":"192.0.2.0","endAddress":"192.0.2.255")",
                   more.empty() ? "" : ",", more, "}");
}

std::string error_of(const std::string& body) {
  const auto network = facts::parse_rdap(body);
  return network ? "" : network.error().text;
}

// How many answers lie in the directory. Each has its expectations beside it.
int check_answers(const fs::path& directory) {
  int count = 0;
  for (const auto& file : fs::directory_iterator(directory)) {
    if (file.path().extension() != ".json") continue;
    CAPTURE(file.path().string());
    auto wanted = expectations(fs::path(file.path()).replace_extension(".expect"));
    const auto found = facts::parse_rdap(read(file.path()));
    REQUIRE(found);
    CHECK(text_of(found->name) == wanted["network.name"]);
    CHECK((found->name.state() == facts::State::absent) == wanted.contains("network.name.is_none"));
    CHECK(text_of(found->country) == wanted["network.country"]);
    CHECK((found->country.state() == facts::State::absent) ==
          wanted.contains("network.country.is_none"));
    const auto asked = base::parse_address(wanted["query"]);
    REQUIRE(asked);
    CHECK(found->first.bytes <= asked->bytes);
    CHECK(found->last.bytes >= asked->bytes);
    const auto entities =
        found->entities.find() ? *found->entities.find() : std::vector<std::string>();
    CHECK(std::to_string(entities.size()) == wanted["entities.count"]);
    for (std::size_t i = 0; i < entities.size(); i++)
      CHECK(entities[i] == wanted[base::cat("entities.", i)]);
    count++;
  }
  return count;
}

}  // namespace

TEST_CASE("answers of every shape that registries use are read as the predecessors read them") {
  CHECK(check_answers("tests/facts/rdap") == 13);
}

TEST_CASE("real answers of the five registries are, too") {
  const fs::path directory = "../shared/data/rdap";
  if (!fs::exists(directory)) {
    MESSAGE("not run: there is no ", directory.string());
    return;
  }
  CHECK(check_answers(directory) > 0);
}

TEST_CASE("K18 K19 a network without a name or a country lacks just these") {
  for (const char* more : {"", R"("name":null,"country":null)", R"("name":7,"country":["US"])",
                           R"("name":"  ","country":"")"}) {
    CAPTURE(more);
    const auto found = facts::parse_rdap(network(more));
    REQUIRE(found);
    CHECK(found->name.state() == facts::State::absent);
    CHECK(found->country.state() == facts::State::absent);
  }
}

TEST_CASE("addresses padded with zeros, with a length, and in capitals are read") {
  const auto range = [](const std::string& first, const std::string& last) {
    const auto found =
        facts::parse_rdap(base::cat(R"({"handle":"N","ipVersion":"v4","startAddress":")", first,
                                    R"(","endAddress":")", last, R"("})"));
    return found ? base::cat(base::text_of(found->first), " ", base::text_of(found->last))
                 : found.error().text;
  };
  CHECK(range("074.125.000.000", "074.125.255.255") == "74.125.0.0 74.125.255.255");
  CHECK(range("93.192.0.0/32", "93.223.255.255/32") == "93.192.0.0 93.223.255.255");
  CHECK(range("2A00:2381:FFFF::/128", "2A00:2381:FFFF::FFFF/128") ==
        "2a00:2381:ffff:: 2a00:2381:ffff::ffff");
  CHECK(range("192.0.2.9", "192.0.2.8") == "no network: its addresses are none");
  CHECK(range("192.0.2.0", "2001:db8::") == "no network: its addresses are none");
  CHECK(range("192.0.2.256", "192.0.3.0") == "no network: its addresses are none");
}

TEST_CASE("entities are those of the network itself, in its order, and twice if it says so") {
  const auto handles = [](const std::string& entities) {
    const auto found = facts::parse_rdap(network(base::cat("\"entities\":", entities)));
    REQUIRE(found);
    std::string text;
    if (const auto* all = found->entities.find())
      for (const auto& handle : *all) text += handle + " ";
    return text;
  };
  CHECK(handles(R"([{"handle":"B"},{"handle":"A"},{"handle":"B"}])") == "B A B ");
  CHECK(handles(R"([{"handle":"A","entities":[{"handle":"NESTED"}]}])") == "A ");
  CHECK(handles(R"([{"entities":[{"handle":"NESTED"}]},{"handle":"A"}])") == "");
  CHECK(handles(R"([{"handle":"A"},{"roles":[]},{"handle":"B"}])") == "A ");
  CHECK(handles(R"([{"handle":null}])") == "");
  CHECK(handles(R"({"handle":"A"})") == "");
  CHECK(handles(R"(["A"])") == "");
}

TEST_CASE("what is no answer is an error that says so") {
  CHECK(error_of("").starts_with("not JSON at byte 0"));
  CHECK(error_of("<html>").starts_with("not JSON at byte 0"));
  CHECK(error_of("[]") == "not a JSON object");
  CHECK(error_of("{}") == "no network: it has no handle");
  CHECK(error_of(R"({"handle":null})") == "no network: it has no handle");
  CHECK(error_of(network("") + "x").starts_with("not JSON at byte"));
  CHECK(error_of(network("\"name\":\"\xff\"")).starts_with("not JSON at byte"));
  CHECK(error_of(std::string(300000, ' ')) == "longer than 262144 bytes");
}

TEST_CASE("an answer that says we asked too much is no network") {
  CHECK(error_of(network(R"("notices":[{"title":"Terms"},"x",{"title":"Rate Limit Notice"}])")) ==
        "Rate Limit Notice");
  CHECK(error_of(network(R"("notices":[{"title":"Terms of Service"}])")) == "");
  CHECK(error_of(network(R"("notices":"Rate Limit Notice")")) == "");
}

TEST_CASE("words and lists that are absurdly long are left out") {
  const std::string word(facts::longest_word + 1, 'x');
  std::string entities;
  for (int i = 0; i < 100; i++) entities += base::cat(i ? "," : "", R"({"handle":"H)", i, "\"}");
  const auto found = facts::parse_rdap(
      network(base::cat(R"("name":")", word, R"(","entities":[)", entities, "]")));
  REQUIRE(found);
  CHECK(found->name.state() == facts::State::absent);
  CHECK(found->entities.find()->size() == facts::most_entities);
}

TEST_CASE("a very deep answer is read without a deep stack") {
  const std::string deep(100000, '[');
  CHECK(error_of(deep).starts_with("not JSON at byte"));
  CHECK(error_of(network("\"x\":" + deep + std::string(100000, ']'))) == "");
}
