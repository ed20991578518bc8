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
#include "cached/rules/marked_text.h"

namespace rules {
namespace {

using base::cat;
using base::Error;

constexpr std::size_t small_set = 64;    // patterns; states of its automaton are quickly made
constexpr std::size_t large_set = 1000;  // patterns with the same key, or with none

// Of one pattern; \w{1000} has some 15,000 for texts beyond ASCII.
constexpr int most_instructions = 10'000, most_marked_instructions = 100'000;

// What a set may use, mostly for states of its automaton that texts have led to. What one pattern
// by itself may use is a limit that few come near.
constexpr std::int64_t least_memory = 1 << 20, memory_per_pattern = 16 << 10;  // bytes
constexpr std::int64_t alone_memory = 64 << 20;

RE2::Options options_of(std::int64_t memory, bool utf8, bool captures = false) {
  RE2::Options options;
  options.set_encoding(utf8 ? RE2::Options::EncodingUTF8 : RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(memory);
  options.set_never_capture(!captures);
  return options;
}

bool is_too_large(const std::string& pattern, bool utf8, int most) {
  const RE2 compiled(pattern, options_of(alone_memory, utf8));
  return !compiled.ok() || compiled.ProgramSize() > most;
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

// Lua takes the first match there is, and it, or its first capture, has to be the whole text. Other
// patterns have matched when their set has.
bool is_whole(const RE2* ordered, std::string_view text) {
  if (!ordered) return true;
  re2::StringPiece groups[2];
  const int result = std::min(ordered->NumberOfCapturingGroups(), 1);
  return ordered->Match(text, 0, text.size(), RE2::ANCHOR_START, groups, result + 1) &&
         groups[result].size() == text.size();
}

std::size_t hash(std::uint32_t key) { return (key * 2654435761u) >> (32 - PatternSets::key_bits); }

}  // namespace

base::Status PatternSets::add(Translation translation, RuleId id) {
  std::string problem;
  if (RE2::Set(options_of(alone_memory, false), RE2::ANCHOR_BOTH).Add(translation.bytes, &problem) <
      0)
    return Error{
        cat("RE2 cannot express it (", problem, "); write it with fewer repetitions or ()")};
  if (translation.counted && (is_too_large(translation.bytes, false, most_instructions) ||
                              is_too_large(translation.marked, true, most_marked_instructions)))
    return Error{"it is too large; write * or + for the repetitions, or smaller numbers"};
  Pattern pattern{id,
                  0,
                  std::move(translation.bytes),
                  std::move(translation.marked),
                  std::move(translation.contains),
                  {},
                  {}};
  pattern.is_lua = pattern.marked.empty();
  if (translation.ordered)
    pattern.ordered = std::make_unique<RE2>(pattern.bytes, options_of(alone_memory, false, true));
  base::check(!pattern.ordered || pattern.ordered->ok(), "a pattern of limited size compiles");
  patterns_.push_back(std::move(pattern));
  return base::Done{};
}

void PatternSets::build() {
  if (!patterns_.empty()) mark("\xc3\xa9");  // compiles what it needs
  choose_keys();
  std::sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
    return std::tie(a.is_lua, a.key, a.needs, a.id) < std::tie(b.is_lua, b.key, b.needs, b.id);
  });
  std::size_t first = 0;
  for (std::size_t i = 1; i <= patterns_.size(); i++) {
    const bool last = i == patterns_.size() || patterns_[i].is_lua != patterns_[i - 1].is_lua;
    const bool full = i - first >= small_set && !last && patterns_[i].key != patterns_[i - 1].key;
    if (!full && !last && i - first < large_set) continue;
    compile(first, i - first);
    first = i;
  }
  for (Pattern& pattern : patterns_) pattern.bytes = pattern.marked = {};
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
  const bool is_lua = patterns_[first].is_lua;
  Set set{first, count, compiled(first, count, &Pattern::bytes, false), nullptr};
  if (set.bytes && !is_lua) set.marked = compiled(first, count, &Pattern::marked, true);
  if (set.bytes && (set.marked || is_lua)) {
    sets_.push_back(std::move(set));
    return;
  }
  base::check(count > 1, "a pattern of limited size compiles");
  compile(first, count / 2);
  compile(first + count / 2, count - count / 2);
}

// Null: it does not fit. The automaton is begun, too: it could be without memory later on, and then
// would say that nothing matches.
std::unique_ptr<RE2::Set> PatternSets::compiled(std::size_t first, std::size_t count,
                                                std::string Pattern::*text, bool utf8) const {
  const auto memory = std::max(least_memory, memory_per_pattern * static_cast<std::int64_t>(count));
  auto all = std::make_unique<RE2::Set>(options_of(count == 1 ? alone_memory : memory, utf8),
                                        RE2::ANCHOR_BOTH);
  for (std::size_t i = first; i < first + count; i++)
    base::check(all->Add(patterns_[i].*text, nullptr) >= 0, "RE2 took the pattern before");
  std::vector<int> matches;
  RE2::Set::ErrorInfo failure{RE2::Set::kNoError};
  if (!all->Compile()) return nullptr;
  if (!all->Match("x", &matches, &failure) && failure.kind != RE2::Set::kNoError) return nullptr;
  return all;
}

std::optional<RuleId> PatternSets::find(std::string_view text, std::string_view lowered,
                                        RuleId before, const Live& live) const {
  if (sets_.empty()) return std::nullopt;
  const bool ascii = base::is_ascii(text);
  Found sets;
  find_sets(lowered, sets);
  if (!ascii) find_sets(folded(text), sets);
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  const std::string marked = ascii || sets.empty() ? "" : mark(text);
  RuleId first = before;
  for (const std::size_t s : sets) {
    const Set& set = sets_[s];
    const bool in_bytes = ascii || !set.marked;
    std::vector<int> matches;
    (in_bytes ? set.bytes : set.marked)->Match(in_bytes ? text : marked, &matches);
    for (const int match : matches) {
      const Pattern& pattern = patterns_[set.first + static_cast<std::size_t>(match)];
      if (pattern.id < first && live(pattern.id) && is_whole(pattern.ordered.get(), text))
        first = pattern.id;
    }
  }
  return first < before ? std::optional(first) : std::nullopt;
}

void PatternSets::find_sets(std::string_view lowered, Found& sets) const {
  find_sets(0, lowered, sets);
  for_each_key(lowered, [&](Key key) {
    if (keys_[hash(key)]) find_sets(key, lowered, sets);
  });
}

void PatternSets::find_sets(Key key, std::string_view lowered, Found& sets) const {
  const auto found = with_key_.find(key);
  if (found == with_key_.end()) return;
  for (const Group& group : found->second)
    if (lowered.find(patterns_[group.pattern].needs) != std::string_view::npos)
      for (std::size_t s = group.first_set; s <= group.last_set; s++) sets.push_back(s);
}

}  // namespace rules
