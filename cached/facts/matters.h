// What may be known of the world, as the Registry looks for it: an origin, the name of an
// autonomous system, a network. Each matter knows where it is remembered, and whom to ask.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cached/facts/cell_codec.h"
#include "cached/facts/cells.h"
#include "cached/facts/questions.h"
#include "cached/facts/registry.h"
#include "cached/facts/shelf.h"
#include "cached/facts/table.h"

namespace facts {

// What is known, here and on the Shelf, and who can be asked.
struct Knowledge {
  struct AsName {
    Remembered<Fact<std::string>> name;
    Trouble trouble;
  };

  Knowledge(Askers askers, Shelf* on_shelf, std::size_t limit);

  WallTime now() const { return questions.now(); }
  // What was told before the Shelf was flushed is dead; but not by a flush that is yet to come, as
  // it is when a clock was set back: nothing would count until then.
  Standing standing(WallTime told, const RegistryPlan::Kept& kept,
                    std::chrono::milliseconds most) const;
  void take(const CellId& cell, const Shelf::Kept& kept);
  void take(std::uint32_t as_number, const Shelf::Kept& kept);
  void take_flush(WallTime of_shelf);
  void keep(AsName& known, const Dated<Fact<std::string>>& name);

  Cells& cells() { return memory_->cells; }
  Table<AsName>& as_names() { return memory_->as_names; }
  void forget_all();  // at once, however much it is

  Questions questions;
  Shelf* const shelf;  // null: none
  WallTime flushed{};

 private:
  struct Memory {
    explicit Memory(std::size_t limit);
    Cells cells;
    PackedPool names;  // before the table, which uses it to its end
    Table<AsName> as_names;
  };
  const std::size_t limit_;
  std::unique_ptr<Memory> memory_;
};

// What became of a question. No problem: something is known now, though perhaps of others.
struct Learned {
  std::string problem;
  bool was_asked = false;  // the world; false: the Shelf had it
};

// A matter of type T:
//   look()       what is remembered, with its standing
//   missed_as()  a number of its own among all matters
//   shelf_key()  where it is on the Shelf, and take() of what was read there
//   asked_as()   what the question is called: who asks the same at the same time gets its answer,
//                here, and on other hosts where `exactly` is is_divided()
//   obstacle()   why nobody is asked; empty: somebody is
//   ask()        asks the world, and remembers what it said
template <class T>
struct Looked {
  Standing standing = Standing::dead;
  Fact<T> value;
  WallTime told{};
  std::string from;
};

struct Matter {
  Knowledge* known;
  PlanPtr plan;
};

struct OriginMatter : Matter {
  using Value = Origin;
  base::Address address;
  CellId cell;

  Looked<Origin> look() const;
  std::uint64_t missed_as() const { return cell.number(); }
  std::string shelf_key() const { return cell.key(); }
  void take(const Shelf::Kept& kept) const { known->take(cell, kept); }
  std::string asked_as(bool exactly) const;
  bool is_divided() const { return false; }
  Rir asked() const { return Rir::none; }
  std::string obstacle() const;
  loop::Task<Learned> ask(bool is_waited_for);
};

struct AsNameMatter : Matter {
  using Value = std::string;
  std::uint32_t number;

  Looked<std::string> look() const;
  std::uint64_t missed_as() const { return number | std::uint64_t{1} << 62; }
  std::string shelf_key() const { return as_key(number); }
  void take(const Shelf::Kept& kept) const { known->take(number, kept); }
  std::string asked_as(bool exactly) const;
  bool is_divided() const { return false; }
  Rir asked() const { return Rir::none; }
  std::string obstacle() const;
  loop::Task<Learned> ask(bool is_waited_for);
};

struct NetworkMatter : Matter {
  using Value = RegisteredNetwork;
  base::Address address;
  CellId cell;
  Rir rir;  // none: it must be found out first

  Looked<RegisteredNetwork> look() const;
  std::uint64_t missed_as() const { return cell.number() | std::uint64_t{1} << 61; }
  std::string shelf_key() const { return cell.key(); }
  void take(const Shelf::Kept& kept) const { known->take(cell, kept); }
  std::string asked_as(bool exactly) const;
  bool is_divided() const;  // smaller networks in the cell are known
  Rir asked() const { return rir; }
  std::string obstacle() const;
  loop::Task<Learned> ask(bool is_waited_for);

 private:
  void remember(NetworkWord word);
};

}  // namespace facts
