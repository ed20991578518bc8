// cachedctl: the operator's command. See cachedctl(8). A command is a row of the table and a
// function.
// SPDX-License-Identifier: MIT

#include <csignal>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/config/file.h"
#include "cached/ctl/control.h"
#include "cached/ctl/lists.h"
#include "cached/ctl/password.h"
#include "cached/ctl/registry.h"
#include "cached/ctl/report.h"

namespace {

constexpr int exit_usage = 2;

struct Command {
  std::string_view name;       // a word, or several
  std::string_view arguments;  // for the usage message
  std::size_t least;           // arguments
  bool writes;                 // files that cached must be able to write too
  base::Result<int> (*run)(const config::Options& options, ctl::Arguments arguments);
};

constexpr Command commands[] = {
    {"password add", "USER [--comment TEXT]", 1, true, ctl::add_password},
    {"password list", "USER", 1, true, ctl::list_passwords},
    {"password revoke", "ID", 1, true, ctl::revoke_password},
    {"reload", "", 0, false, ctl::reload},
    {"status", "", 0, false, ctl::status},
    {"explain", "[--user USER] [--service SERVICE] ADDRESS", 1, false, ctl::explain},
    {"cache show", "ADDRESS|AS", 1, false, ctl::show_cache},
    {"cache flush", "ADDRESS|AS|all", 1, false, ctl::flush_cache},
    {"lists check", "[--type TYPE] [--syntax SYNTAX] [FILE...]", 0, false, ctl::check_lists},
    {"lists match", "[--type TYPE] [--syntax SYNTAX] FILE SUBJECT...", 2, false, ctl::match_list},
    {"report", "[--since 24h] [--format text|html|json] [--help] ...", 0, false, ctl::print_report},
    {"backtest", "[--since 30d] [--format text|html|json] [--help] ... LISTFILE...", 1, false,
     ctl::backtest},
    {"registry check", "[DIRECTORY]", 0, false, ctl::check_registry},
};

// How many of the words are the command's name; 0: they are another command.
std::size_t matched(const Command& command, ctl::Arguments words) {
  int n = 0;
  for (; const auto word = base::part(command.name, ' ', n); n++)
    if (words.empty() || words.front() != *word)
      return 0;
    else
      words = words.subspan(1);
  return words.size() >= command.least ? static_cast<std::size_t>(n) : 0;
}

int usage() {
  std::cerr << "usage:\n";
  for (const Command& command : commands)
    std::cerr << "  cachedctl [--config FILE] " << command.name
              << (command.arguments.empty() ? "" : " ") << command.arguments << '\n';
  return exit_usage;
}

int fail(const base::Error& error) {
  std::cerr << "cachedctl: " << error.text << (error.text.ends_with('\n') ? "" : "\n");
  return EXIT_FAILURE;
}

int run(const Command& command, const std::string& config, std::span<const std::string> rest) {
  base::harden_process();
  const auto file = config::load_file_or_defaults(config);
  if (!file) return fail(file.error());
  const auto& options = file->options;
  if (command.writes) {
    const auto unprivileged = base::drop_root(options.server.user, "");
    if (!unprivileged) return fail(unprivileged.error());
  }
  const auto done = command.run(options, rest);
  return done ? *done : fail(done.error());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // an app password that nobody can read must not stay
  std::vector<std::string> words(argv + 1, argv + argc);
  std::string config = config::default_path;
  if (words.size() >= 2 && words[0] == "--config") {
    config = words[1];
    words.erase(words.begin(), words.begin() + 2);
  }
  for (const Command& command : commands)
    if (const auto name = matched(command, words))
      return run(command, config, std::span(words).subspan(name));
  return usage();
}
