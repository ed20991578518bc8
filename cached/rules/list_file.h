// The lines of a list file, as both predecessors wrote them: comments, an entry a line, and behind
// a # what we added: until= and reason=. What an entry means is for those who compile it.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/files.h"
#include "cached/base/result.h"
#include "cached/rules/patterns.h"
#include "cached/rules/rule.h"

namespace rules {

// One line that says something; views into the text of the file.
struct Entry {
  std::string_view text;    // without blanks around it, and without its comment
  std::string_view reason;  // for people
  std::uint32_t line = 0;
  Time until = for_ever;
};

// pattern: only `# until=` and `# reason=` are a comment behind an entry, as a pattern may have #.
enum class Comments { behind_anything, behind_pattern };

struct ListFile {
  std::string path;
  std::optional<base::FileVersion> version;  // none: later writes might not show
};

struct ListText {
  ListFile file;
  std::string text;
};

// Blocks. The file, or the *.lst of a directory in the order of their names. Refuses what others
// than its owner and group can write.
base::Result<std::vector<ListText>> read_lists(const std::string& path);

// Blocks. Whether reading the same path again would give the same text.
bool are_unchanged(const std::string& path, const std::vector<ListFile>& files);

// Takes the lines one by one; errors are collected by the caller with complaint().
class Lines {
 public:
  Lines(const ListText& list, Comments comments);

  // False at the end. Lines that cannot be understood are in errors() and are not handed over.
  bool next(Entry& entry);

  // What `#!syntax WORD` before the first entry says.
  std::optional<Syntax> syntax() const { return syntax_; }

  void complain(std::uint32_t line, std::string_view what);  // FILE:LINE: what
  const std::string& errors() const { return errors_; }

 private:
  bool is_comment(std::string_view line);
  bool read_directive(std::string_view words);
  bool split_comment(Entry& entry);

  const ListText& list_;
  const Comments comments_;
  std::string_view rest_;
  std::uint32_t line_ = 0;
  bool entries_seen_ = false;
  std::optional<Syntax> syntax_;
  std::string errors_;
  int complaints_ = 0;
};

// regex, lua or prefix; nullopt: none of them.
std::optional<Syntax> syntax_named(std::string_view word);

// The end of a day (2027-01-31, the whole of it) or a moment (2027-01-31T12:00:00Z), UTC.
base::Result<Time> parse_until(std::string_view text);

}  // namespace rules
