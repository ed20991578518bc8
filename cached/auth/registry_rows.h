// The part of explain that the registries and their files tell: each fact, who told it and when, or
// why nobody could.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/facts/inquiry.h"
#include "cached/facts/sources.h"

namespace auth {

// `known` is what was known at once, and the inquiry has asked for the rest.
std::string registry_rows(const facts::Sources& sources, const facts::Facts& known,
                          const facts::Inquiry& inquiry);

// `[maxmind] asn of 2026-11-17`.
std::string source_of(std::string_view option, const std::shared_ptr<const facts::Mmdb>& file);

}  // namespace auth
