// Runs tests/verdicts/*.case: lists, an address, what is known of it, and what must come of it.
// tests/verdicts/README says how a case is written.
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cached/base/text.h"
#include "cached/facts/sources.h"
#include "cached/rules/judge.h"

namespace {

namespace fs = std::filesystem;
using base::cat;
using facts::Fact;
using facts::Facts;

struct Wanted {
  rules::ListSettings settings;
  std::string text;
};

struct Case {
  std::string name;
  std::vector<Wanted> lists;
  Facts facts;
  rules::Time now = 1'790'000'000;  // 2026-09-21
  std::string expected;
  std::vector<std::string> would_block;
};

// What cases have been about, so that nothing goes without one.
std::set<std::string>& seen() {
  static std::set<std::string> words;
  return words;
}

template <class T>
T look_up(const std::vector<std::pair<std::string_view, T>>& rows, std::string_view word) {
  for (const auto& [name, value] : rows)
    if (name == word) return value;
  FAIL("no such word: ", std::string(word));
  return rows.front().second;
}

rules::ListSettings settings_of(const std::vector<std::string_view>& words) {
  rules::ListSettings settings;
  settings.name = words.at(1);
  settings.type = words.at(0) == "zone" ? &rules::dnsbl_type() : rules::find_list_type(words[1]);
  for (std::size_t i = 2; i < words.size(); i++) {
    const auto key = words[i].substr(0, words[i].find('='));
    const auto value = words[i].substr(key.size() + 1);
    if (key == "type") settings.type = rules::find_list_type(value);
    if (key == "mode")
      settings.mode = look_up<rules::Mode>(
          {{"log", rules::Mode::log}, {"enforce", rules::Mode::enforce}}, value);
    if (key == "syntax")
      settings.syntax = look_up<rules::Syntax>({{"regex", rules::Syntax::regex},
                                                {"lua", rules::Syntax::lua},
                                                {"prefix", rules::Syntax::prefix}},
                                               value);
    if (key == "unknown")
      settings.on_unknown = look_up<rules::OnUnknown>({{"allow", rules::OnUnknown::allow},
                                                       {"deny", rules::OnUnknown::deny},
                                                       {"later", rules::OnUnknown::later}},
                                                      value);
    seen().insert(cat(key, "=", value));
  }
  REQUIRE_MESSAGE(settings.type, "no such type of list: ", settings.name);
  seen().insert(std::string(settings.type->name));
  return settings;
}

template <class T>
void set_text(Fact<T>& fact, T value, std::string_view word) {
  if (word == "absent")
    fact = Fact<T>::absent();
  else if (word == "pending")
    fact = Fact<T>::pending();
  else if (word != "unknown")
    fact = Fact<T>(std::move(value));
}

template <class T>
void add_to(Fact<std::vector<T>>& fact, T value, std::string_view word) {
  std::vector<T> all = fact.find() ? *fact.find() : std::vector<T>();
  all.push_back(std::move(value));
  set_text(fact, std::move(all), word);
}

facts::Geo& geo_of(Facts& facts) {
  static facts::Geo geo;
  geo = facts.geo.find() ? *facts.geo.find() : facts::Geo();
  return geo;
}

void set_fact(Facts& facts, const std::string& name, const std::string& value) {
  facts::Geo& geo = geo_of(facts);
  if (name == "reverse_name") return add_to(facts.reverse_names, value, value);
  if (name == "entity") return add_to(facts.entities, value, value);
  if (name == "net_name") return set_text(facts.net_name, value, value);
  if (name == "net_cc") return set_text(facts.net_cc, value, value);
  if (name == "as_name") return add_to(facts.as_names, value, value);
  if (name == "as_org") return set_text(facts.as_org, value, value);
  if (name == "as_cc") return set_text(facts.as_cc, value, value);
  if (name == "as_number")
    return add_to(facts.as_numbers, base::parse_number<std::uint32_t>(value).value_or(0), value);
  if (name == "geo") return set_text(facts.geo, geo, value);
  if (name == "listing") {
    const auto zone = value.substr(0, value.find(' '));
    const auto code = value.substr(zone.size() + 1);
    Fact<std::vector<std::string>> codes;
    add_to(codes, code, code);
    facts.listings.push_back({zone, codes});
    return;
  }
  const auto id = base::parse_number<std::uint32_t>(value).value_or(0);
  if (name == "country") geo.country.code = value;
  if (name == "city") geo.city.geoname_id = id;
  if (name == "subdivision") geo.subdivisions.push_back({id, {}, {}});
  if (name == "continent") geo.continent.geoname_id = id;
  if (name == "registered_country") geo.registered_country.geoname_id = id;
  if (name == "represented_country") geo.represented_country.geoname_id = id;
  if (name == "position") {
    geo.position.emplace();
    unsigned radius = 0;
    std::sscanf(value.c_str(), "%lf,%lf,%u", &geo.position->latitude, &geo.position->longitude,
                &radius);
    geo.position->accuracy_radius = radius;
  }
  facts.geo = geo;
}

void take_line(Case& now, const std::string& line) {
  const auto words = base::split_words(line);
  const std::string rest =
      line.find(' ') == std::string::npos ? "" : line.substr(line.find(' ') + 1);
  const std::string_view word = words[0];
  if (word == "list" || word == "zone") {
    now.lists.push_back({settings_of(words), {}});
  } else if (word == "ip") {
    const auto address = base::parse_address(rest);
    REQUIRE_MESSAGE(address, "not an address: ", rest);
    seen().insert(address->is_v4() ? "IPv4" : "IPv6");
    now.facts = facts::look_up({}, *address);
  } else if (word == "fact") {
    const auto name = rest.substr(0, rest.find(' '));
    set_fact(now.facts, name, rest.substr(std::min(name.size() + 1, rest.size())));
  } else if (word == "at") {
    now.now = *rules::parse_until(rest);
  } else if (word == "would_block") {
    now.would_block.push_back(rest);
  } else if (word == "expect") {
    now.expected = rest;
  } else {
    FAIL("not understood: ", line);
  }
}

std::vector<Case> read_cases(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("    ")) {  // of the list above
      REQUIRE(!cases.empty());
      cases.back().lists.back().text += cat(line.substr(4), "\n");
    } else if (line.starts_with("case ")) {
      cases.push_back({});
      cases.back().name = line.substr(5);
    } else if (!base::trim(line).empty() && !line.starts_with('#')) {
      REQUIRE_MESSAGE(!cases.empty(), "before the first case: ", line);
      take_line(cases.back(), line);
    }
  }
  return cases;
}

std::string word_for(const rules::Judgement& judgement) {
  using Is = rules::Judgement::Is;
  std::string text = look_up<std::string>(
      {{"0", "allowed"}, {"1", "ignored"}, {"2", "refused"}, {"3", "later"}, {"4", "ask"}},
      std::to_string(static_cast<int>(judgement.is)));
  if (judgement.is == Is::allowed && !judgement.list) return text;
  text += cat(" ", judgement.list->settings().type->matched);
  if (!judgement.rule) return text;
  const auto where = judgement.list->where(*judgement.rule);
  const auto reason = judgement.list->reason_of(*judgement.rule);
  text += cat(" ", where.substr(where.rfind('/') + 1));
  return reason.empty() ? text : cat(text, " reason=", reason);
}

// Each list is a file in `directory`, named as the list.
rules::Policy load(const Case& wanted, const fs::path& directory, std::string& errors) {
  rules::Policy policy;
  for (const Wanted& list : wanted.lists) {
    auto settings = list.settings;
    if (settings.type == &rules::dnsbl_type()) {
      policy.lists.push_back(rules::List::of_zone(settings));
      continue;
    }
    settings.path = directory / settings.name;
    std::ofstream(settings.path) << list.text;
    const auto loaded = rules::List::load(settings);
    if (loaded)
      policy.lists.push_back(*loaded);
    else
      errors += loaded.error().text;
    for (const char* mark : {"#", ";", "--"})
      if (cat("\n", list.text).find(cat("\n", mark)) != std::string::npos)
        seen().insert(cat("comment ", mark));
  }
  return policy;
}

void run(const Case& wanted, const fs::path& directory) {
  CAPTURE(wanted.name);
  std::string errors;
  const auto policy = load(wanted, directory, errors);
  if (!errors.empty()) {
    CHECK(cat("error ", errors.substr(directory.string().size() + 1)) == wanted.expected + "\n");
    return;
  }
  const auto judgement = rules::judge(policy, wanted.facts, wanted.now);
  CHECK(word_for(judgement) == wanted.expected);
  std::vector<std::string> would_block;
  for (const std::string& entry : judgement.would_block)
    would_block.push_back(
        cat(entry.substr(0, entry.find(' ') + 1), entry.substr(entry.rfind('/') + 1)));
  CHECK(would_block == wanted.would_block);
}

// How many there are.
std::size_t run_all() {
  const fs::path directory = fs::temp_directory_path() / cat("verdicts-", getpid());
  fs::create_directory(directory);
  std::size_t count = 0;
  for (const auto& file : fs::directory_iterator("tests/verdicts")) {
    if (file.path().extension() != ".case") continue;
    CAPTURE(file.path().string());
    for (const Case& wanted : read_cases(file.path())) run(wanted, directory), count++;
  }
  fs::remove_all(directory);
  return count;
}

}  // namespace

TEST_CASE("every case of tests/verdicts comes out as it says") { CHECK(run_all() > 0); }

TEST_CASE("every type of list, way to comment and policy for the unknown has a case") {
  if (seen().empty()) run_all();
  for (const auto& type : rules::list_types()) CHECK(seen().contains(std::string(type.name)));
  for (const std::string word : {"dnsbl", "IPv4", "IPv6", "comment #", "comment ;", "comment --",
                                 "unknown=allow", "unknown=deny", "unknown=later", "mode=log",
                                 "syntax=lua", "syntax=prefix", "syntax=regex"}) {
    CAPTURE(word);
    CHECK(seen().contains(word));
  }
}
