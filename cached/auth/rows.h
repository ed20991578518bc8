// The lines of what cachedctl explain prints.
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cached/facts/facts.h"
#include "cached/facts/memory.h"

namespace auth::rows {

std::string since(std::chrono::steady_clock::time_point start);  // 12.3 us, or ms

// A line: what, its value, where it is from and how long that took.
std::string row(std::string_view name, std::string_view value, std::string_view note = {});

std::string text_of(const facts::Fact<std::string>& fact);
std::string text_of(const facts::Fact<std::vector<std::string>>& fact);
std::string text_of(const facts::Fact<std::vector<std::uint32_t>>& fact);
std::string text_of(const facts::Fact<facts::Confirmed>& fact);

// Of a fact without a value.
template <class T>
std::string state_text(const facts::Fact<T>& fact) {
  return fact.state() == facts::State::absent ? "none" : "not known";
}

std::string age_of(facts::Source source, std::chrono::milliseconds age);

}  // namespace auth::rows
