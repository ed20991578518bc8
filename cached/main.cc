// cached: the daemon that checkpass asks. See cached(8). Start-up is the list of statements in
// run().
// SPDX-License-Identifier: MIT

#include <sys/resource.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cached/base/log.h"
#include "cached/base/privileges.h"
#include "cached/base/text.h"
#include "cached/config/describe.h"
#include "cached/config/open_log.h"
#include "cached/daemon.h"
#include "cached/rules/describe.h"

namespace {

using base::cat;
namespace log = base::log;

constexpr int exit_usage = 2;

struct Arguments {
  std::string config = config::default_path;
  bool check = false;
  std::string (*describe)() = nullptr;
};

bool parse_arguments(int argc, char** argv, Arguments& out) {
  for (int i = 1; i < argc; i++) {
    const std::string_view argument = argv[i];
    if (argument == "--config" && i + 1 < argc)
      out.config = argv[++i];
    else if (argument == "--check")
      out.check = true;
    else if (argument == "--describe")
      out.describe = config::describe_sample;
    else if (argument == "--describe=manual")
      out.describe = config::describe_manual;
    else if (argument == "--describe=lists")
      out.describe = rules::describe_lists;
    else
      return false;
  }
  return true;
}

int fail(const std::string& text) {
  log::error(text);
  return EXIT_FAILURE;
}

// Every connection is a descriptor: take what the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// From when clients can connect until the daemon has its handlers, a signal waits: it would end
// cached on the spot. `how` is SIG_BLOCK or SIG_UNBLOCK.
void hold_signals(int how) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&signals, number);
  sigprocmask(how, &signals, nullptr);
}

// The operator's door; -1: there is none. Logins go on without it. It is made before the socket for
// logins: who finds that one finds this one too.
int open_control(const std::string& path) {
  if (path.empty()) return -1;
  const auto socket = server::make_socket(path, "", 0600);
  if (socket) return *socket;
  log::error(cat("[server] control: cachedctl cannot reach cached: ", socket.error().text));
  return -1;
}

int run(const std::string& config_path) {
  base::harden_process();
  std::signal(SIGPIPE, SIG_IGN);
  auto now = auth::Snapshot::load(config_path, auth::Snapshot::Missing::defaults);
  if (!now) return fail(now.error().text);
  const auto options = (*now)->options();
  config::open_log(options);
  const bool was_root = geteuid() == 0;
  const auto unprivileged = base::drop_root(options.server.user, options.server.group);
  if (!unprivileged) return fail(unprivileged.error().text);
  // What only root can read could not be read again at a reload.
  if (was_root) now = auth::Snapshot::load(config_path, auth::Snapshot::Missing::defaults, *now);
  if (!now) return fail(now.error().text);
  raise_descriptor_limit();
  const auto prepared = stores::prepare(options.database);
  if (!prepared) return fail(prepared.error().text);
  hold_signals(SIG_BLOCK);
  const int control = open_control(options.server.control);
  const auto socket = server::open_socket(options.server.socket, options.server.group);
  if (!socket) return fail(socket.error().text);

  uv_loop_t* loop = uv_default_loop();
  int code;
  {
    Daemon daemon(loop, config_path, *now);
    hold_signals(SIG_UNBLOCK);
    const auto listening = daemon.listen(*socket, control);
    if (!listening) return fail(listening.error().text);
    code = daemon.run();
  }
  uv_run(loop, UV_RUN_DEFAULT);  // the closing callbacks of what has just been given up
  uv_loop_close(loop);
  return code;
}

int check(const std::string& config_path) {
  log::open({});
  auto now = auth::Snapshot::load(config_path, auth::Snapshot::Missing::defaults);
  if (!now) return fail(now.error().text);
  const bool is_root = geteuid() == 0;
  const auto& server = (*now)->options().server;
  const auto unprivileged = base::drop_root(server.user, server.group);
  if (!unprivileged) log::warning(unprivileged.error().text);
  // What only root can read cached could not.
  if (is_root) now = auth::Snapshot::load(config_path, auth::Snapshot::Missing::defaults, *now);
  if (!now) return fail(now.error().text);
  if (!(*now)->warnings.empty()) log::warning((*now)->warnings);
  std::cout << config_path << ": good\n";
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse_arguments(argc, argv, arguments)) {
    std::cerr << "usage: cached [--config FILE] [--check] [--describe[=manual|=lists]]\n";
    return exit_usage;
  }
  if (arguments.describe) {
    std::cout << arguments.describe();
    return EXIT_SUCCESS;
  }
  return arguments.check ? check(arguments.config) : run(arguments.config);
}
