// See pattern_sets.h. RE2 (20220601) has its traps: the matches of a set come in no order, a set
// can run out of memory and then says "no match", and thousands of patterns in one set are slow.
// SPDX-License-Identifier: MIT

#include "cached/rules/pattern_sets.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "cached/base/check.h"
#include "cached/base/text.h"

namespace rules {
namespace {

using base::cat;
using base::Error;

constexpr std::size_t small_set = 64;      // patterns; states of its automaton are quickly made
constexpr std::size_t large_set = 1000;    // patterns with the same key, or with none
constexpr int most_instructions = 10'000;  // of one pattern; times some 1,000 in UTF-8, see below

// What a set may use, mostly for states of its automaton that texts have led to.
constexpr std::int64_t least_memory = 1 << 20, memory_per_pattern = 16 << 10;  // bytes

RE2::Options bytes_options(std::int64_t memory, bool captures = false) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(memory);
  options.set_never_capture(!captures);
  return options;
}

// A pattern in UTF-8 takes from 1 ms to 100 ms to compile, and may take megabytes: it is not kept,
// but what it said is. There are not many names beyond ASCII.
constexpr std::size_t most_remembered = 4096;

constexpr std::int64_t alone_memory = 8 << 20;  // RE2's own default

// A class of Unicode letters has more than 1,000 instructions of 16 bytes, and RE2 takes a quarter
// of the memory for them. Only what is needed is allocated.
RE2::Options unicode_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{2} << 30);
  options.set_never_capture(true);
  return options;
}

std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      out += c;
    else
      out += {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
  }
  return out;
}

std::uint32_t key_at(std::string_view text, std::size_t at) {
  std::uint32_t key;
  static_assert(sizeof key == Contained::least);
  std::memcpy(&key, text.data() + at, sizeof key);
  return key;
}

template <class Do>
void for_each_key(std::string_view text, Do&& act) {
  for (std::size_t at = 0; at + Contained::least <= text.size(); at++) act(key_at(text, at));
}

std::size_t hash(std::uint32_t key) { return (key * 2654435761u) >> (32 - PatternSets::key_bits); }

}  // namespace

base::Status PatternSets::add(Translation translation, RuleId id) {
  const RE2::Options options = bytes_options(alone_memory);
  std::string problem;
  if (RE2::Set(options, RE2::ANCHOR_BOTH).Add(translation.bytes, &problem) < 0)
    return Error{
        cat("RE2 cannot express it (", problem, "); write it with fewer repetitions or ()")};
  if (translation.counted) {
    const RE2 compiled(translation.bytes, options);
    if (!compiled.ok() || compiled.ProgramSize() > most_instructions)
      return Error{"it is too large; write * or + for the repetitions, or smaller numbers"};
  }
  auto ordered = translation.ordered
                     ? std::make_unique<RE2>(translation.bytes, bytes_options(alone_memory, true))
                     : nullptr;
  base::check(!ordered || ordered->ok(), "a pattern of limited size compiles");
  patterns_.push_back({id,
                       0,
                       std::move(translation.bytes),
                       std::move(translation.unicode),
                       std::move(translation.contains),
                       {},
                       std::move(ordered)});
  return base::Done{};
}

void PatternSets::build() {
  choose_keys();
  std::sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
    return std::tie(a.key, a.needs, a.id) < std::tie(b.key, b.needs, b.id);
  });
  std::size_t first = 0;
  for (std::size_t i = 1; i <= patterns_.size(); i++) {
    const bool full =
        i - first >= small_set && i < patterns_.size() && patterns_[i].key != patterns_[i - 1].key;
    if (!full && i - first < large_set && i < patterns_.size()) continue;
    compile(first, i - first);
    first = i;
  }
  for (std::size_t s = 0; s < sets_.size(); s++) {
    for (std::size_t i = sets_[s].first; i < sets_[s].first + sets_[s].count; i++) {
      auto& groups = with_key_[patterns_[i].key];
      if (groups.empty() || patterns_[groups.back().pattern].needs != patterns_[i].needs)
        groups.push_back({i, s, s});
      groups.back().last_set = s;
      keys_.set(hash(patterns_[i].key));
    }
  }
}

// Of the four bytes that a pattern needs, those that the fewest others need.
void PatternSets::choose_keys() {
  std::unordered_map<Key, std::uint32_t> wanted;
  for (const Pattern& pattern : patterns_)
    for (const std::string& text : pattern.contains)
      for_each_key(text, [&](Key key) { wanted[key]++; });
  for (Pattern& pattern : patterns_) {
    std::uint32_t fewest = UINT32_MAX;
    for (const std::string& text : pattern.contains)
      for_each_key(text, [&](Key key) {
        if (const auto number = wanted[key]; number < fewest) {
          fewest = number;
          pattern.key = key;
          pattern.needs = text;
        }
      });
    pattern.contains = {};
  }
}

// Sets that do not fit the memory are halved.
void PatternSets::compile(std::size_t first, std::size_t count) {
  const auto memory = std::max(least_memory, memory_per_pattern * static_cast<std::int64_t>(count));
  auto all = std::make_unique<RE2::Set>(bytes_options(count == 1 ? alone_memory : memory),
                                        RE2::ANCHOR_BOTH);
  for (std::size_t i = first; i < first + count; i++)
    base::check(all->Add(patterns_[i].bytes, nullptr) >= 0, "RE2 took the pattern before");
  if (all->Compile()) {
    sets_.push_back({first, count, std::move(all)});
    return;
  }
  base::check(count > 1, "a pattern of limited size compiles");
  compile(first, count / 2);
  compile(first + count / 2, count - count / 2);
}

std::optional<RuleId> PatternSets::find(std::string_view text, std::string_view lowered,
                                        RuleId before, const Live& live) const {
  const bool ascii = base::is_ascii(text);
  std::vector<std::size_t> hits;  // patterns
  for (const std::size_t set : sets_for(lowered, ascii)) try_set(sets_[set], text, hits);
  const auto id_of = [&](std::size_t i) { return patterns_[i].id; };
  std::sort(hits.begin(), hits.end(),
            [&](std::size_t a, std::size_t b) { return id_of(a) < id_of(b); });
  for (const std::size_t hit : hits) {
    if (id_of(hit) >= before) break;
    if (live(id_of(hit)) && confirmed(patterns_[hit], text, ascii)) return id_of(hit);
  }
  return std::nullopt;
}

// Beyond ASCII a letter may match another of four bytes, as U+212A (the sign for Kelvin) does k.
std::vector<std::size_t> PatternSets::sets_for(std::string_view lowered, bool ascii) const {
  std::vector<std::size_t> sets;
  if (!ascii) {
    for (std::size_t s = 0; s < sets_.size(); s++) sets.push_back(s);
    return sets;
  }
  const auto add = [&](Key key) {
    if (!keys_[hash(key)]) return;
    const auto found = with_key_.find(key);
    if (found == with_key_.end()) return;
    for (const Group& group : found->second)
      if (lowered.find(patterns_[group.pattern].needs) != std::string_view::npos)
        for (std::size_t s = group.first_set; s <= group.last_set; s++) sets.push_back(s);
  };
  add(0);
  for_each_key(lowered, add);
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

// "No match" may mean that the set's automaton had no memory left: then one by one.
void PatternSets::try_set(const Set& set, std::string_view text,
                          std::vector<std::size_t>& hits) const {
  std::vector<int> matches;
  RE2::Set::ErrorInfo failure{RE2::Set::kNoError};
  const bool matched = set.all->Match(text, &matches, &failure);
  for (const int match : matches) hits.push_back(set.first + static_cast<std::size_t>(match));
  if (matched || failure.kind == RE2::Set::kNoError) return;
  for (std::size_t i = set.first; i < set.first + set.count; i++) {
    const RE2 alone(patterns_[i].bytes, bytes_options(alone_memory));
    base::check(alone.ok(), "a pattern of limited size compiles");
    if (RE2::FullMatch(text, alone)) hits.push_back(i);
  }
}

// The set has matched the bytes: is it really a match? Lua takes the first match there is, and it,
// or its first capture, has to be the whole text.
bool PatternSets::confirmed(const Pattern& pattern, std::string_view text, bool ascii) const {
  if (pattern.ordered) {
    re2::StringPiece groups[2];
    const int result = std::min(pattern.ordered->NumberOfCapturingGroups(), 1);
    return pattern.ordered->Match(text, 0, text.size(), RE2::ANCHOR_START, groups, result + 1) &&
           groups[result].size() == text.size();
  }
  if (ascii || pattern.unicode.empty()) return true;
  std::string key = cat(pattern.id, " ", text);
  const std::scoped_lock lock(remembering_);
  if (const auto known = remembered_.find(key); known != remembered_.end()) return known->second;
  if (remembered_.size() >= most_remembered) remembered_.clear();
  const RE2 exact(pattern.unicode, unicode_options());
  base::check(exact.ok(), "a pattern of limited size compiles in UTF-8");
  const bool is =
      RE2::FullMatch(base::is_utf8(text) ? std::string(text) : from_latin1(text), exact);
  remembered_.emplace(std::move(key), is);
  return is;
}

}  // namespace rules
