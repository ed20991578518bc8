// See list_file.h.
// SPDX-License-Identifier: MIT

#include "cached/rules/list_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "cached/base/descriptor.h"
#include "cached/base/text.h"

namespace rules {
namespace {

using base::cat;
using base::Descriptor;
using base::Error;
using base::Result;

constexpr std::size_t longest_line = 4096;
constexpr off_t largest_file = off_t{1} << 30;
constexpr int most_complaints = 100;  // of one file

Error failure(const std::string& path, std::string_view what) {
  return Error{cat(path, ": ", what, ": ", std::strerror(errno))};
}

int open_file(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

// Looks at what was opened: can it be a list?
Result<struct stat> look_at(const Descriptor& file, const std::string& path) {
  if (file.get() < 0) return failure(path, "cannot open");
  struct stat facts {};
  if (fstat(file.get(), &facts) < 0) return failure(path, "cannot look at it");
  if (!S_ISREG(facts.st_mode)) return Error{cat(path, ": not a plain file")};
  if (facts.st_mode & S_IWOTH) return Error{cat(path, ": refused, everybody can write to it")};
  if (facts.st_size > largest_file) return Error{cat(path, ": larger than ", largest_file)};
  return facts;
}

// A file system's clock may stand still for a while, and what is written then does not show.
std::optional<base::FileVersion> lasting_version(const struct stat& facts) {
  constexpr time_t moment = 2;  // seconds: as coarse as file systems are
  if (std::time(nullptr) - facts.st_ctim.tv_sec < moment) return std::nullopt;
  return base::version_of(facts);
}

Result<ListText> read_file(const std::string& path) {
  const Descriptor file(open_file(path));
  const auto facts = look_at(file, path);
  if (!facts) return facts.error();
  ListText list{{path, lasting_version(*facts)},
                std::string(static_cast<std::size_t>(facts->st_size), '\0')};
  std::size_t size = 0;
  while (size < list.text.size()) {
    const ssize_t got = ::read(file.get(), list.text.data() + size, list.text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(path, "cannot read");
    if (got == 0) return Error{cat(path, ": became shorter while it was read")};
    size += static_cast<std::size_t>(got);
  }
  return list;
}

// The *.lst of a directory, sorted.
Result<std::vector<std::string>> files_in(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code problem;
  for (std::filesystem::directory_iterator at(directory, problem), end; !problem && at != end;
       at.increment(problem)) {
    const auto name = at->path().filename().string();
    if (name.ends_with(".lst") && !name.starts_with('.')) paths.push_back(at->path().string());
  }
  if (problem) return Error{cat(directory, ": cannot list it: ", problem.message())};
  if (paths.empty()) return Error{cat(directory, ": there is no *.lst in this directory")};
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return files_in(path);
  return std::vector{path};
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) &&
         (text.size() == word.size() || text[word.size()] == ' ' || text[word.size()] == '\t');
}

}  // namespace

Result<std::vector<ListText>> read_lists(const std::string& path) {
  const auto paths = files_of(path);
  if (!paths) return paths.error();
  std::vector<ListText> lists;
  std::string errors;
  for (const std::string& file : *paths) {
    auto list = read_file(file);
    if (list)
      lists.push_back(std::move(*list));
    else
      errors += cat(list.error().text, "\n");
  }
  if (!errors.empty()) return Error{errors};
  return lists;
}

bool are_unchanged(const std::string& path, const std::vector<ListFile>& files) {
  const auto is_same = [](const std::string& now, const ListFile& then) {
    const Descriptor file(open_file(now));
    const auto facts = look_at(file, now);
    return facts && now == then.path && then.version == base::version_of(*facts);
  };
  const auto paths = files_of(path);
  return paths && std::equal(paths->begin(), paths->end(), files.begin(), files.end(), is_same);
}

Lines::Lines(const ListText& list, Comments comments)
    : list_(list), comments_(comments), rest_(list.text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
}

bool Lines::next(Entry& entry) {
  while (!rest_.empty()) {
    const auto end = rest_.find('\n');
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    line_++;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = base::trim(line);
    if (line.empty() || is_comment(line)) continue;
    entries_seen_ = true;
    if (line.size() > longest_line) {
      complain(line_, cat("longer than ", longest_line, " bytes"));
      continue;
    }
    if (line.find('\0') != std::string_view::npos) {
      complain(line_, "has a NUL byte");
      continue;
    }
    entry = {line, {}, line_, for_ever};
    if (split_comment(entry)) return true;
  }
  return false;
}

bool Lines::is_comment(std::string_view line) {
  if (line.starts_with("#!")) {
    if (!read_directive(base::trim(line.substr(2))))
      complain(line_, "not understood; it may say #!syntax regex, lua or prefix");
    return true;
  }
  return line.starts_with('#') || line.starts_with(';') || line.starts_with("--");
}

bool Lines::read_directive(std::string_view words) {
  constexpr std::string_view name = "syntax";
  if (!starts_with_word(words, name)) return false;
  const auto syntax = syntax_named(base::trim(words.substr(name.size())));
  if (!syntax) return false;
  if (entries_seen_) complain(line_, "#!syntax must stand before the first entry");
  syntax_ = syntax;
  return true;
}

// Takes the comment off the entry, and what it says out of it. False: it cannot be understood.
bool Lines::split_comment(Entry& entry) {
  auto at = entry.text.find('#');
  const auto says = [](std::string_view comment) {
    comment = base::trim(comment);
    return comment.starts_with("until=") || comment.starts_with("reason=");
  };
  const auto is_comment_at = [&](std::size_t hash) {
    const bool behind_blank =
        hash == 0 || entry.text[hash - 1] == ' ' || entry.text[hash - 1] == '\t';
    return comments_ == Comments::behind_anything
               ? true
               : behind_blank && says(entry.text.substr(hash + 1));
  };
  while (at != std::string_view::npos && !is_comment_at(at)) at = entry.text.find('#', at + 1);
  if (at == std::string_view::npos) return true;
  auto comment = base::trim(entry.text.substr(at + 1));
  entry.text = base::trim(entry.text.substr(0, at));
  while (!comment.empty()) {
    if (comment.starts_with("reason=")) {
      entry.reason = base::trim(comment.substr(7));
      if (entry.until == for_ever && entry.reason.find(" until=") != std::string_view::npos) {
        complain(entry.line, "until= must stand before reason=");
        return false;
      }
      break;
    }
    const auto word = comment.substr(0, comment.find_first_of(" \t"));
    comment = base::trim(comment.substr(word.size()));
    if (!word.starts_with("until=")) continue;
    const auto until = parse_until(word.substr(6));
    if (!until) {
      complain(entry.line, until.error().text);
      return false;
    }
    entry.until = *until;
  }
  return true;
}

void Lines::complain(std::uint32_t line, std::string_view what) {
  complaints_++;
  if (complaints_ <= most_complaints) errors_ += cat(list_.file.path, ":", line, ": ", what, "\n");
  if (complaints_ == most_complaints + 1) errors_ += cat(list_.file.path, ": and more\n");
}

std::optional<Syntax> syntax_named(std::string_view word) {
  constexpr std::pair<std::string_view, Syntax> words[] = {
      {"regex", Syntax::regex}, {"lua", Syntax::lua}, {"prefix", Syntax::prefix}};
  for (const auto& [name, syntax] : words)
    if (name == word) return syntax;
  return std::nullopt;
}

Result<Time> parse_until(std::string_view text) {
  const std::string copy(text);
  std::tm parts{};
  const char* end = strptime(copy.c_str(), "%Y-%m-%d", &parts);
  const bool day = end && *end == '\0';
  if (end && *end == 'T') end = strptime(end, "T%H:%M:%SZ", &parts);
  // strptime takes 2027-02-31; timegm then makes another day of it.
  const int month_day = parts.tm_mday;
  const auto seconds = end && *end == '\0' ? timegm(&parts) : -1;
  if (seconds < 0 || parts.tm_mday != month_day || seconds > for_ever - 90'000)
    return Error{cat("until=", base::printable(text),
                     " is neither a day (2027-01-31) nor a time (2027-01-31T12:00:00Z)")};
  constexpr Time one_day = 86'400;
  return static_cast<Time>(seconds) + (day ? one_day : 0);
}

}  // namespace rules
