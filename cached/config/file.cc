// See file.h. inih calls back per line without a line number, so the reader function counts them.
// SPDX-License-Identifier: MIT

#include "cached/config/file.h"

#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <set>
#include <tuple>

#include "cached/base/text.h"
#include "common/wipe.h"

// Knobs of inih 55, which its header does not declare. As shipped it would cut lines at 200 bytes,
// take ` ;` inside a value for a comment, and join indented lines to the value before.
extern "C" {
extern bool ini_use_stack, ini_allow_realloc, ini_allow_inline_comments, ini_allow_multiline;
extern int ini_max_line, ini_initial_alloc;
}

namespace config {
namespace {

using base::cat;
using base::Error;
using base::Result;

constexpr std::size_t max_line = 8000;
constexpr std::size_t max_file = 1 << 20;

struct Parse {
  Parse(const std::string& file_path, std::string_view text) : path(file_path), rest(text) {}

  const std::string& path;
  std::string_view rest;
  int line = 0;
  File file = default_file();
  std::set<const Option*> seen;
  std::string errors;

  void complain(int at, std::string_view what) { errors += cat(path, ":", at, ": ", what, "\n"); }
};

// inih's reader, with fgets' contract: hands over one line, or nullptr at the end. inih has one
// buffer for all lines, and frees it without wiping it.
char* next_line(char* out, int room, void* stream) {
  auto& parse = *static_cast<Parse*>(stream);
  explicit_bzero(out, static_cast<std::size_t>(room));
  if (parse.rest.empty()) return nullptr;
  parse.line++;
  const auto line = parse.rest.substr(0, parse.rest.find('\n'));
  parse.rest.remove_prefix(std::min(line.size() + 1, parse.rest.size()));
  const bool fits = line.size() <= max_line && line.size() + 2 <= static_cast<std::size_t>(room);
  const bool clean = line.find('\0') == std::string_view::npos;
  if (!fits) parse.complain(parse.line, "line is too long");
  if (!clean) parse.complain(parse.line, "line has a NUL byte");
  const auto kept = fits && clean ? line : std::string_view();
  kept.copy(out, kept.size());
  out[kept.size()] = '\n';
  out[kept.size() + 1] = '\0';
  return out;
}

std::size_t index_of(const Option* option) {
  return static_cast<std::size_t>(option - all_options().data());
}

// inih's handler: one `name = value`.
int take_value(void* user, const char* section, const char* name, const char* value) {
  auto& parse = *static_cast<Parse*>(user);
  const Option* option = find_option(section, name);
  if (!option) {
    parse.complain(parse.line,
                   cat("no such option: [", base::printable(section), "] ", base::printable(name)));
    return 1;
  }
  if (!parse.seen.insert(option).second) {
    parse.complain(parse.line, cat("[", section, "] ", name, " was set before"));
    return 1;
  }
  const auto set = option->set(parse.file.options, value, option->limits);
  if (!set) parse.complain(parse.line, cat("[", section, "] ", name, ": ", set.error().text));
  parse.file.lines[index_of(option)] = parse.line;
  return 1;
}

// What no single option can say of itself.
void check_together(Parse& parse) {
  const auto& [hash, database, ldap] =
      std::tie(parse.file.options.hash, parse.file.options.database, parse.file.options.ldap);
  const auto complain = [&](const char* section, const char* name, std::string_view what) {
    parse.errors += cat(parse.file.where(parse.path, section, name), ": ", what, "\n");
  };
  const auto at_most = [&](Number value, const char* name, Number max, const char* max_name,
                           std::string_view why) {
    if (value > max) complain("hash", name, cat("more than ", max_name, " (", max, "): ", why));
  };
  constexpr std::string_view unverifiable = "what is made could not be verified";
  at_most(hash.argon2_memory_kib, "argon2_memory_kib", hash.max_memory_kib, "max_memory_kib",
          unverifiable);
  at_most(hash.argon2_passes, "argon2_passes", hash.max_argon2_passes, "max_argon2_passes",
          unverifiable);
  at_most(hash.max_memory_kib, "max_memory_kib", hash.memory_kib, "memory_kib",
          "there is not so much for a single one");
  if (!database.dsn.empty())
    for (const char* name : {"hosts", "name", "user", "password"})
      if (parse.file.has("database", name)) complain("database", name, "dsn says it already");
  if (!ldap.uri.empty() && ldap.base.empty()) complain("ldap", "base", "must be given with uri");
}

std::string system_error(const std::string& path, std::string_view what) {
  return cat(path, ": ", what, ": ", std::strerror(errno));
}

Result<std::string> read_whole(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return Error{system_error(path, "cannot open")};
  struct stat facts {};
  std::string text, problem;
  text.reserve(max_file);  // moved nowhere while it grows
  if (fstat(fd, &facts) < 0)
    problem = system_error(path, "cannot look at it");
  else if (!S_ISREG(facts.st_mode))
    problem = cat(path, ": not a plain file");
  else if (facts.st_mode & S_IWOTH)
    problem = cat(path, ": refused, everybody can write to it");
  common::Wiped<4096> buffer;
  for (ssize_t got = 1; problem.empty() && got > 0;) {
    got = ::read(fd, buffer.data, sizeof buffer.data);
    if (got < 0) problem = system_error(path, "cannot read");
    if (got > 0) text.append(buffer.data, static_cast<std::size_t>(got));
    if (text.size() > max_file) problem = cat(path, ": larger than ", max_file, " bytes");
  }
  ::close(fd);
  if (problem.empty()) return text;
  explicit_bzero(text.data(), text.size());
  return Error{problem};
}

}  // namespace

File default_file() { return {default_options(), std::vector<int>(all_options().size()), true}; }

std::string File::where(const std::string& path, std::string_view section,
                        std::string_view name) const {
  const Option* option = find_option(section, name);
  base::check(option != nullptr, "where() of an option that does not exist");
  const int line = lines[index_of(option)];
  return cat(path, line ? cat(":", line) : "", ": [", section, "] ", name);
}

bool File::has(std::string_view section, std::string_view name) const {
  return lines[index_of(find_option(section, name))] != 0;
}

Result<File> parse_file(std::string_view text, const std::string& path) {
  static const bool knobs_set = [] {
    ini_use_stack = ini_allow_inline_comments = ini_allow_multiline = false;
    ini_allow_realloc = true;
    ini_max_line = ini_initial_alloc = max_line + 200;  // a line is read in one piece
    return true;
  }();
  static_cast<void>(knobs_set);
  Parse parse(path, text);
  const int bad_line = ini_parse_stream(next_line, &parse, take_value, &parse);
  if (bad_line > 0) parse.complain(bad_line, "neither [section], nor name = value, nor # comment");
  if (bad_line < 0) parse.complain(parse.line, "out of memory");
  check_together(parse);
  if (!parse.errors.empty()) return Error{parse.errors};
  parse.file.built_in = false;
  return std::move(parse.file);
}

Result<File> load_file(const std::string& path) {
  auto text = read_whole(path);
  if (!text) return text.error();
  auto file = parse_file(*text, path);
  explicit_bzero(text->data(), text->size());  // it may hold a server's password
  return file;
}

Result<File> load_file_or_defaults(const std::string& path) {
  if (path == default_path && access(default_path, F_OK) != 0 && errno == ENOENT)
    return default_file();
  return load_file(path);
}

std::vector<std::string> needs_restart(const File& before, const File& after) {
  std::vector<std::string> names;
  for (const Option& option : all_options())
    if (option.when == When::start && !option.same(before.options, after.options))
      names.push_back(cat("[", option.section, "] ", option.name));
  return names;
}

}  // namespace config
