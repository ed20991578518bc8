// See daemon.h. SIGHUP swaps the snapshot, SIGTERM and SIGINT drain.
// SPDX-License-Identifier: MIT

#include "cached/daemon.h"

#include <malloc.h>
#include <systemd/sd-daemon.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include "cached/auth/cache.h"
#include "cached/auth/explain.h"
#include "cached/auth/rehearse.h"
#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/config/open_log.h"
#include "cached/loop/sleep.h"

using base::cat;
using loop::Task;

namespace {

constexpr int own_root = 1;  // drain() itself is a spawned task

// A reload, and the freeing of what another one has replaced; logins go before both.
constexpr loop::LaneLimits reload_limits{
    .threads = 1, .queue = 1, .longest_wait = std::chrono::minutes(1), .niceness = 10};

[[noreturn]] void leave_now(int code) {
  base::log::flush();
  std::_Exit(code);
}

server::Reply not_reloaded(const std::string& errors) {
  constexpr char stays[] = "not reloaded: what was there before stays";
  base::log::error(errors);
  base::log::error(stays);
  return {1, cat(errors, errors.ends_with('\n') ? "" : "\n", stays, "\n")};
}

std::string monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(now.tv_sec * 1'000'000LL + now.tv_nsec / 1000);
}

}  // namespace

Daemon::Daemon(uv_loop_t* loop, std::string config_path, std::shared_ptr<const auth::Snapshot> now)
    : loop_(loop),
      config_path_(std::move(config_path)),
      now_(std::move(now)),
      started_with_(now_->file),
      services_(loop, now_->options()),
      server_(services_, now_),
      control_(loop, {{"reload", [this](server::Arguments) { return reload_and_tell(); }},
                      {"status", [this](server::Arguments) { return status(); }},
                      {"explain", [this](server::Arguments words) { return explain(words); }},
                      {"cache", [this](server::Arguments words) { return cache(words); }}}),
      reload_lane_(loop, "reload", reload_limits) {
  on_signal(SIGHUP, &Daemon::reload);
  on_signal(SIGTERM, &Daemon::stop);
  on_signal(SIGINT, &Daemon::stop);
  start_watchdog();
}

base::Status Daemon::listen(int socket, int control) {
  auto listening = server_.listen(socket);
  if (listening && control >= 0) listening = control_.listen(control);
  return listening;
}

int Daemon::run() {
  base::log::warning(now_->warnings);
  sd_notify(0, "READY=1");
  base::log::notice("ready");
  rehearsing_ = true;
  loop::spawn(rehearse());
  uv_run(loop_, UV_RUN_DEFAULT);
  base::log::notice("stopped");
  return 0;
}

Task<void> Daemon::rehearse() {
  auto rehearsing = auth::rehearse(services_);
  co_await rehearsing;
  rehearsing_ = false;
}

void Daemon::on_signal(int number, void (Daemon::*act)()) {
  signals_.push_back(
      std::make_unique<Signal>(Signal{*this, act, loop::Handle<uv_signal_t>(new uv_signal_t)}));
  uv_signal_t* handle = signals_.back()->handle.get();
  uv_signal_init(loop_, handle);
  handle->data = signals_.back().get();
  const auto caught = [](uv_signal_t* signal, int) {
    auto& row = *static_cast<Signal*>(signal->data);
    (row.daemon.*row.act)();
  };
  uv_signal_start(handle, caught, number);
}

void Daemon::start_watchdog() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return;
  watchdog_ = loop::new_timer(loop_);
  const auto beat = [](uv_timer_t*) { sd_notify(0, "WATCHDOG=1"); };
  const std::uint64_t half = std::max<std::uint64_t>(microseconds / 2000, 1);
  uv_timer_start(watchdog_.get(), beat, half, half);
}

void Daemon::reload() {
  if (!stopping_) next_reload();
}

Task<server::Reply> Daemon::reload_and_tell() {
  if (stopping_) co_return server::Reply{1, "not reloaded: cached is being stopped\n"};
  const auto asked_for = next_reload();
  co_await asked_for->over;
  co_return asked_for->outcome;
}

// The one that has not begun and so will see the files as they are now, however many ask for it.
std::shared_ptr<Daemon::Reload> Daemon::next_reload() {
  if (!next_reload_) next_reload_ = std::make_shared<Reload>();
  const auto next = next_reload_;
  if (!reloading_) loop::spawn(run_reloads());
  return next;
}

Task<void> Daemon::run_reloads() {
  reloading_ = true;
  while (next_reload_) {
    const auto begun = std::exchange(next_reload_, nullptr);
    server::Reply outcome = co_await load_snapshot();
    begun->outcome = std::move(outcome);
    begun->over.happen();
  }
  reloading_ = false;
}

Task<server::Reply> Daemon::load_snapshot() {
  sd_notify(0, cat("RELOADING=1\nMONOTONIC_USEC=", monotonic_microseconds()).c_str());
  const auto missing =
      now_->file.built_in ? auth::Snapshot::Missing::defaults : auth::Snapshot::Missing::error;
  auto job = [this, missing, before = now_] {
    return auth::Snapshot::load(config_path_, missing, before);
  };
  const auto ran = co_await reload_lane_.run(job);
  const auto loaded = ran ? *ran : ran.error();
  server::Reply outcome = loaded ? take_over(*loaded) : not_reloaded(loaded.error().text);
  sd_notify(0, "READY=1");
  co_return outcome;
}

server::Reply Daemon::take_over(std::shared_ptr<const auth::Snapshot> loaded) {
  std::string text;
  for (const auto& name : config::needs_restart(started_with_, loaded->file)) {
    const std::string line =
        cat(name, " is not what cached was started with: it takes effect at a restart");
    base::log::warning(line);
    text += line + '\n';
  }
  for (int i = 0; const auto line = base::part(loaded->warnings, '\n', i); i++) {
    if (line->empty()) continue;
    base::log::warning(*line);
    text += cat(*line, "\n");
  }
  // Lists may be read again every hour: that must not make everybody's password be hashed again.
  if (config::differs(now_->options(), loaded->options(), "hash")) services_.hasher.forget_proofs();
  bury(std::exchange(now_, std::move(loaded)));
  config::open_log(now_->options());
  base::log::notice("reloaded");
  return {0, text + "reloaded\n"};
}

// Lists of a million lines take a while to be freed, which is nothing for the loop: the last logins
// that see them end, and then a thread of the lane does it.
void Daemon::bury(std::shared_ptr<const auth::Snapshot> old) {
  buried_.push_back(std::move(old));
  if (!burying_) loop::spawn(free_buried());
}

Task<void> Daemon::free_buried() {
  constexpr std::chrono::milliseconds moment{100};
  burying_ = true;
  while (!buried_.empty() && !stopping_) {
    auto pause = loop::sleep(loop_, moment);
    co_await pause;
    const auto free = std::find_if(buried_.begin(), buried_.end(),
                                   [](const auto& each) { return each.use_count() == 1; });
    if (free == buried_.end()) continue;
    auto snapshot = std::exchange(*free, nullptr);
    buried_.erase(free);
    auto job = [&snapshot] {
      snapshot.reset();
      malloc_trim(0);
      return base::Done{};
    };
    const auto freed = co_await reload_lane_.run(job);
    if (!freed) buried_.push_back(std::move(snapshot));
  }
  burying_ = false;
}

// USER, SERVICE (both may be empty) and ADDRESS.
Task<server::Reply> Daemon::explain(server::Arguments words) {
  if (words.size() != 3) co_return server::Reply{2, "explain USER SERVICE ADDRESS\n"};
  const auto address = base::parse_address(words[2]);
  if (!address) co_return server::Reply{2, cat(base::printable(words[2]), " is not an address\n")};
  const auth::Question question{*address, words[1], words[0]};
  auto text = co_await auth::explain(services_, now_, question);
  co_return server::Reply{0, std::move(text)};
}

// For a monitoring script: a line for each figure, its name and its value.
Task<server::Reply> Daemon::status() {
  using namespace std::chrono;
  const auto uptime = duration_cast<seconds>(steady_clock::now() - started_).count();
  co_return server::Reply{
      0, cat("uptime_seconds ", uptime, "\nconnections ", server_.connections(), "\nrequests ",
             services_.requests, "\n", services_.trail.status())};
}

// show or flush, and what.
Task<server::Reply> Daemon::cache(server::Arguments words) {
  if (words.size() != 2 || (words[0] != "show" && words[0] != "flush"))
    co_return server::Reply{2, "cache show|flush ADDRESS|AS\n"};
  const std::string what = words[1];
  if (words[0] == "show") {
    const auto shown = co_await auth::show_cache(services_, what);
    co_return shown ? server::Reply{0, *shown} : server::Reply{2, shown.error().text + "\n"};
  }
  const auto flushed = co_await auth::flush_cache(services_, what);
  if (!flushed) co_return server::Reply{2, flushed.error().text + "\n"};
  co_return server::Reply{flushed->everywhere ? 0 : 1, flushed->text};
}

void Daemon::stop() {
  if (stopping_) return;
  stopping_ = true;
  loop::spawn(drain());
}

// Ends every wait there is, so that the loop has nothing left to run; or gives up in time.
Task<void> Daemon::drain() {
  sd_notify(0, "STOPPING=1");
  server_.stop();
  control_.stop();
  const auto limit = now_->options().limits.drain_time;
  const std::function<bool()> served = [this] { return server_.connections() == 0; };
  co_await wait_until(served, limit);
  services_.network.stop();
  services_.trail.finish();
  const std::function<bool()> ended = [this] {
    return services_.trail.finished() && loop::roots() == own_root + rehearsing_;
  };
  const bool in_time = co_await wait_until(ended, limit);
  const bool only_database = !services_.trail.finished() && server_.connections() == 0;
  if (!services_.trail.leave() || (!in_time && !only_database)) {
    base::log::error(
        cat("not everything was done when it was time to leave: ", server_.connections(),
            " connections, ", loop::roots() - own_root, " waits that have not ended"));
    leave_now(EXIT_FAILURE);
  }
  if (!in_time || rehearsing_) leave_now(EXIT_SUCCESS);  // nobody waits for silent servers
  signals_.clear();
  for (const int again : {SIGHUP, SIGTERM, SIGINT}) std::signal(again, SIG_IGN);
  watchdog_.reset();
}

// True as soon as it holds, false when it does not within the limit.
Task<bool> Daemon::wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds moment{5};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds() && std::chrono::steady_clock::now() < end) {
    auto pause = loop::sleep(loop_, moment);
    co_await pause;
  }
  co_return holds();
}
