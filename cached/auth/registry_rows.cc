// See registry_rows.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/registry_rows.h"

#include "cached/auth/rows.h"
#include "cached/base/text.h"

namespace auth {
namespace {

using base::cat;
using facts::Inquiry;
using facts::State;
using rows::row;

std::string note_of(const Inquiry::Teller& teller) {
  std::string note;
  if (!teller.from.empty()) note = cat(teller.from, ", ", rows::age_of(teller.source, teller.age));
  if (teller.problem.empty()) return note;
  return cat(note, note.empty() ? "" : ", ", teller.problem);
}

std::string note_of(const std::optional<Inquiry::Teller>& teller) {
  return teller ? note_of(*teller) : "nobody is asked";
}

// Of several systems the notes may differ.
std::string note_of_names(const facts::Seeds* seeds, const Inquiry& inquiry) {
  std::string notes;
  for (const auto& [number, teller] : inquiry.tellers().as_names) {
    const bool is_in_file = seeds && !seeds->as_name(number).empty();
    const auto note = is_in_file ? std::string(seeds->as_names_from()) : note_of(teller);
    notes += cat(notes.empty() ? "" : "; ", note);
  }
  return notes.empty() ? note_of(inquiry.tellers().origin) : notes;
}

}  // namespace

std::string source_of(std::string_view option, const std::shared_ptr<const facts::Mmdb>& file) {
  return file ? cat(option, " of ", facts::built_on(*file)) : cat(option, " is not configured");
}

std::string registry_rows(const facts::Sources& sources, const facts::Facts& known,
                          const Inquiry& inquiry) {
  const facts::Facts facts = inquiry.settled();
  const base::Address& client = facts::client_of(facts);
  const auto* seeds = sources.seeds.get();
  const auto& tellers = inquiry.tellers();
  const bool local = !facts::is_from_outside(facts);
  const auto add = [&](std::string_view name, const auto& before, const auto& now,
                       std::string_view file, const std::string& teller) {
    const bool is_of_file = before.state() != State::unknown;
    return row(name, rows::text_of(now), local ? "" : is_of_file ? file : teller);
  };
  const auto maxmind = source_of("[maxmind] asn", sources.asn);
  const bool asked = tellers.origin && !known.as_numbers.find();
  const auto delegated = seeds ? seeds->delegated_from(client) : "";
  const auto named = seeds ? seeds->as_names_from() : "";
  const auto dumped = seeds ? seeds->networks_from(client) : "";
  const auto origin = note_of(tellers.origin), network = note_of(tellers.network);
  return row("asn", rows::text_of(facts.as_numbers),
             local   ? ""
             : asked ? origin
                     : maxmind) +
         add("as_name", known.as_names, facts.as_names, named, note_of_names(seeds, inquiry)) +
         add("as_cc", known.as_cc, facts.as_cc, delegated, origin) +
         add("net_name", known.net_name, facts.net_name, dumped, network) +
         add("net_cc", known.net_cc, facts.net_cc, dumped, network) +
         add("entities", known.entities, facts.entities, dumped, network);
}

}  // namespace auth
