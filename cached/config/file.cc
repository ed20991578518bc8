// See file.h. inih calls back for each value, without its line's number and never for a section
// without values: so the reader function counts lines and notices sections.
// SPDX-License-Identifier: MIT

#include "cached/config/file.h"

#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
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
constexpr char no_line[] = "neither [section], nor name = value, nor # comment";

struct Parse {
  Parse(const std::string& file_path, std::string_view text) : path(file_path), rest(text) {}

  const std::string& path;
  std::string_view rest;
  std::string_view current;  // the line inih is at
  int line = 0;
  const Section* section = nullptr;  // null: none yet, or one that was complained about
  std::size_t which = 0;             // of a family's sections
  std::string heading;               // as it stands in the brackets
  File file = default_file();
  std::string errors;

  void complain(int at, std::string_view what) { errors += cat(path, ":", at, ": ", what, "\n"); }
  void complain(std::string_view in, std::string_view name, std::string_view what) {
    errors += cat(file.where(path, in, name), ": ", what, "\n");
  }
};

std::string key_of(std::string_view section, std::string_view name) {
  return cat("[", section, name.empty() ? "]" : "] ", name);
}

// What a family's sections may be called.
bool is_name(std::string_view name) {
  constexpr std::size_t longest = 40;  // inih would cut the section at 49
  constexpr char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !name.empty() && name.size() <= longest &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

// `heading` is what stands in the brackets.
void enter_section(Parse& parse, std::string_view heading) {
  const Section* section = find_section(heading);
  const auto word = section ? std::string_view(section->name) : heading;
  const auto name = base::trim(heading.substr(word.size()));
  const std::string shown = cat("[", base::printable(heading), "]");
  parse.section = nullptr;
  parse.heading = name.empty() ? std::string(word) : cat(word, " ", name);
  if (!section || (!section->add && !name.empty()))
    return parse.complain(parse.line, cat("no such section: ", shown));
  if (section->add && !is_name(name))
    return parse.complain(parse.line, cat(shown, " must have a name of 1 to 40 letters, digits, ",
                                          "_, . and -: [", word, " NAME]"));
  if (section->add && !parse.file.lines.emplace(key_of(parse.heading, ""), parse.line).second)
    return parse.complain(parse.line, cat(shown, " was there before"));
  if (section->add) parse.which = add_section(parse.file.options, *section, name);
  parse.section = section;
}

// Enters the section when the line begins one, as inih sees it.
void notice_section(Parse& parse) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  auto line = parse.current;
  if (parse.line == 1 && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  const auto start = line.find_first_not_of(" \t\r\v\f");
  if (start == std::string_view::npos || line[start] != '[') return;
  const auto end = line.find(']', start);
  if (end != std::string_view::npos) enter_section(parse, line.substr(start + 1, end - start - 1));
}

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
  parse.current = fits && clean ? line : std::string_view();
  notice_section(parse);
  parse.current.copy(out, parse.current.size());
  out[parse.current.size()] = '\n';
  out[parse.current.size() + 1] = '\0';
  return out;
}

void take_option(Parse& parse, const char* name, const char* value) {
  const auto key = key_of(parse.heading, base::printable(name));
  const Option* option = find_option(parse.heading, name);
  if (!option) return parse.complain(parse.line, cat("no such option: ", key));
  if (!parse.file.lines.emplace(key, parse.line).second)
    return parse.complain(parse.line, cat(key, " was set before"));
  const auto set = option->set(parse.file.options, parse.which, value, option->limits);
  if (!set) parse.complain(parse.line, cat(key, ": ", set.error().text));
}

// From the line itself: inih takes a colon for an equals sign, and an IPv6 network has colons.
void take_pair(Parse& parse) {
  const auto equals = parse.current.find('=');
  if (equals == std::string_view::npos) return parse.complain(parse.line, no_line);
  auto value = parse.current.substr(equals + 1);
  if (value.ends_with('\r')) value.remove_suffix(1);
  const auto key = base::trim(parse.current.substr(0, equals));
  const auto taken = parse.section->take(parse.file.options, key, base::trim(value), parse.line);
  if (!taken) parse.complain(parse.line, cat("[", parse.heading, "] ", taken.error().text));
}

// inih's handler: one `name = value`.
int take_value(void* user, const char*, const char* name, const char* value) {
  auto& parse = *static_cast<Parse*>(user);
  if (!parse.section && parse.heading.empty())
    parse.complain(parse.line, cat("before the first [section]: ", base::printable(name)));
  if (!parse.section) return 1;
  if (parse.section->take)
    take_pair(parse);
  else
    take_option(parse, name, value);
  return 1;
}

void check_dnsbl(Parse& parse) {
  const auto good = *base::parse_network("127.0.0.0/8");
  const auto broken = *base::parse_network("127.255.255.0/24");
  for (const auto& list : parse.file.options.dnsbl) {
    const std::string section = "dnsbl " + list.name;
    if (list.zone.empty()) parse.complain(section, "zone", "must be given");
    if (list.codes.empty()) parse.complain(section, "codes", "must be given");
    for (const base::Network& code : list.codes)
      if (code.prefix < good.prefix || !good.contains(code.address) ||
          broken.contains(code.address) || code.contains(broken.address))
        parse.complain(section, "codes", "must be in 127.0.0.0/8 and not in 127.255.255.0/24");
  }
}

// What no single option can say of itself.
void check_together(Parse& parse) {
  const auto& [hash, database, ldap] =
      std::tie(parse.file.options.hash, parse.file.options.database, parse.file.options.ldap);
  const auto at_most = [&](Number value, const char* name, Number max, const char* max_name,
                           std::string_view why) {
    if (value > max)
      parse.complain("hash", name, cat("more than ", max_name, " (", max, "): ", why));
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
      if (parse.file.has("database", name)) parse.complain("database", name, "dsn says it already");
  if (!ldap.uri.empty() && ldap.base.empty())
    parse.complain("ldap", "base", "must be given with uri");
  check_dnsbl(parse);
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

File default_file() { return {default_options(), {}, true}; }

std::string File::where(const std::string& path, std::string_view section,
                        std::string_view name) const {
  base::check(find_option(section, name) != nullptr, "where() of an option that does not exist");
  const std::string key = key_of(section, name);
  auto found = lines.find(key);
  if (found == lines.end()) found = lines.find(key_of(section, ""));
  const std::string line = found == lines.end() ? "" : cat(":", found->second);
  return cat(path, line, ": ", key);
}

std::string File::located(const std::string& path, std::string_view section,
                          std::string_view lines_of_error) const {
  std::string out;
  for (int i = 0; const auto line = base::part(lines_of_error, '\n', i); i++)
    if (const auto end = line->find(": "); end != std::string_view::npos)
      out += cat(where(path, section, line->substr(0, end)), line->substr(end), "\n");
  return out;
}

bool File::has(std::string_view section, std::string_view name) const {
  base::check(find_option(section, name) != nullptr, "has() of an option that does not exist");
  return lines.contains(key_of(section, name));
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
  if (bad_line > 0) parse.complain(bad_line, no_line);
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

bool differs(const Options& before, const Options& after, std::string_view section) {
  const auto options = all_options();
  return std::any_of(options.begin(), options.end(), [&](const Option& option) {
    return option.section == section && !option.same(before, after);
  });
}

std::vector<std::string> needs_restart(const File& before, const File& after) {
  std::vector<std::string> names;
  for (const Option& option : all_options())
    if (option.when == When::start && !option.same(before.options, after.options))
      names.push_back(cat("[", option.section, "] ", option.name));
  return names;
}

}  // namespace config
