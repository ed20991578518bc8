// See describe.h. Texts come from outside, and are printed so that none can forge a line.
// SPDX-License-Identifier: MIT

#include "cached/facts/describe.h"

#include <algorithm>
#include <utility>

#include "cached/base/clock.h"
#include "cached/base/text.h"

namespace facts {
namespace {

using base::cat;
using base::printable;
using base::printable_word;
using Kind = NetworkWord::Kind;

std::string text_of(const Fact<std::string>& fact) {
  return fact.find() ? cat("<", printable(*fact.find()), ">") : "none";
}

std::string text_of(const Fact<Origin>& fact) {
  const Origin* origin = fact.find();
  if (!origin) return "none: not announced";
  std::string text;
  for (const std::uint32_t number : origin->as_numbers) text += cat("AS", number, " ");
  const auto& prefix = origin->prefix;
  const int bits = prefix.prefix - (prefix.address.is_v4() ? 96 : 0);
  return cat(text, base::text_of(prefix.address), "/", bits,
             " cc=", printable_word(origin->country),
             " registry=", printable_word(origin->registry));
}

std::string text_of(const NetworkWord& word) {
  std::string text =
      cat(base::text_of(word.network.first), "-", base::text_of(word.network.last), " ");
  if (word.kind == Kind::none) return cat(text, "none: the registry knows no network there");
  const std::string* country = word.network.country.find();
  text += cat("name=", text_of(word.network.name),
              " cc=", country ? printable_word(*country) : "none", " entities=<");
  if (const auto* entities = word.network.entities.find())
    for (const std::string& entity : *entities)
      text += cat(&entity == &entities->front() ? "" : " ", printable_word(entity));
  return text + ">";
}

class Lines {
 public:
  Lines(const Knowledge& known, std::string place) : known_(known), place_(std::move(place)) {}

  // `kept` may be null.
  template <class T>
  void add(std::string_view what, const T& value, WallTime told, std::string_view from,
           const RegistryPlan::Kept* kept) {
    text_ += cat(place_, " ", what, " ", text_of(value), " from=<", printable(from),
                 "> told=", time_of(told));
    if (kept) text_ += cat(" (", standing_text(told, *kept, most_fresh(value)), ")");
    text_ += "\n";
  }
  void add(std::string_view what, const Trouble& trouble) {
    if (trouble.tries > 0)
      text_ += cat(place_, " ", what, " asked in vain, tries=", trouble.tries,
                   " last=", time_of(trouble.told), "\n");
  }
  std::string text() { return std::move(text_); }

 private:
  static std::string time_of(WallTime time) {
    std::string text = base::utc_text(time);
    text[text.find(' ')] = 'T';
    return text + "Z";
  }
  std::string standing_text(WallTime told, const RegistryPlan::Kept& kept,
                            std::chrono::milliseconds most) const {
    const auto fresh = most == as_planned ? kept.fresh : std::min(kept.fresh, most);
    switch (known_.standing(told, kept, most)) {
      case Standing::fresh:
        return cat("fresh until ", time_of(told + fresh));
      case Standing::stale:
        return cat("old since ", time_of(told + fresh), ", told until ",
                   time_of(told + kept.stale));
      case Standing::dead:
        return "not told any more";
    }
    return {};
  }

  const Knowledge& known_;
  const std::string place_;
  std::string text_;
};

}  // namespace

std::vector<std::uint32_t> systems_of(const CellId& id, const Cell& cell) {
  if (!cell.origin.value) return {};
  const Fact<Origin> fact = cell.origin_of(id);
  const Origin* origin = fact.find();
  return origin ? origin->as_numbers : std::vector<std::uint32_t>();
}

std::string describe_as_name(Knowledge& known, std::uint32_t number, std::string_view place,
                             const PlanPtr& plan) {
  Lines lines(known, std::string(place));
  const auto* system = known.as_names().find(number);
  if (system && system->name.value)
    lines.add(cat("AS", number), system->name.get(), system->name.told, "cymru",
              plan ? &plan->as_name : nullptr);
  return lines.text();
}

std::string describe_cell(Knowledge& known, const CellId& id, std::string_view place,
                          const PlanPtr& plan) {
  Lines lines(known, cat(place, " ", id.text()));
  const Cell* cell = known.cells().find(id);
  if (!cell) return {};
  if (const auto& origin = cell->origin; origin.value) {
    lines.add("origin", cell->origin_of(id), origin.told, "cymru", plan ? &plan->origin : nullptr);
    for (const std::uint32_t number : systems_of(id, *cell)) {
      const auto* system = known.as_names().find(number);
      if (system && system->name.value)
        lines.add(cat("AS", number), system->name.get(), system->name.told, "cymru",
                  plan ? &plan->as_name : nullptr);
    }
  }
  const auto add_network = [&](const Remembered<NetworkWord>& network) {
    const NetworkWord word = network.get();
    lines.add("network", word, network.told, word.from, plan ? &plan->network : nullptr);
  };
  if (cell->whole.value) add_network(cell->whole);
  if (!cell->rest) return lines.text();
  std::ranges::for_each(cell->rest->parts, add_network);
  lines.add("origin", cell->rest->origin_trouble);
  lines.add("network", cell->rest->network_trouble);
  return lines.text();
}

}  // namespace facts
