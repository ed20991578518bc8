// cachedctl: the operator's command. See cachedctl(8). A command is a row of the table and a
// function.
// SPDX-License-Identifier: MIT

#include <csignal>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "cached/base/privileges.h"
#include "cached/config/file.h"
#include "cached/ctl/password.h"

namespace {

constexpr int exit_usage = 2;

struct Command {
  std::string_view group;
  std::string_view verb;
  std::string_view arguments;  // for the usage message
  base::Status (*run)(const config::Options& options, std::span<const std::string> arguments);
};

constexpr Command commands[] = {
    {"password", "add", "USER [--comment TEXT]", ctl::add_password},
    {"password", "list", "USER", ctl::list_passwords},
    {"password", "revoke", "ID", ctl::revoke_password},
};

int usage() {
  std::cerr << "usage:\n";
  for (const Command& command : commands)
    std::cerr << "  cachedctl [--config FILE] " << command.group << ' ' << command.verb << ' '
              << command.arguments << '\n';
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
  // Files that root would make are files that cached could not write.
  const auto unprivileged = base::drop_root(options.server.user, "");
  if (!unprivileged) return fail(unprivileged.error());
  const auto done = command.run(options, rest);
  return done ? EXIT_SUCCESS : fail(done.error());
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
  if (words.size() < 3) return usage();
  for (const Command& command : commands)
    if (words[0] == command.group && words[1] == command.verb)
      return run(command, config, std::span(words).subspan(2));
  return usage();
}
