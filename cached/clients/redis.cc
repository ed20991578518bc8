// See redis.h. Here is when there is a connection (redis_link.h), who waits for which answer on it,
// and for how long.
// SPDX-License-Identifier: MIT

#include "cached/clients/redis.h"

#include <arpa/inet.h>
#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "cached/base/text.h"
#include "cached/clients/ares.h"
#include "cached/clients/redis_link.h"
#include "cached/clients/redis_report.h"

namespace clients {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Status;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds first_pause{100}, longest_pause{30'000};
constexpr std::size_t most_unsent = 16 << 20;  // bytes of commands; beyond, at once no value
constexpr std::size_t longest_prefix = 64;

}  // namespace

// In the frame of the coroutine that waits for it.
struct Redis::Command {
  State& state;
  const std::vector<std::string> words;
  std::optional<RedisValue> answer{};
  std::coroutine_handle<> waiter{};

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle);  // false: it is not sent
  void await_resume() const {}
};

struct Redis::State final : RedisLink::Listener, Ares::Listener {
  State(uv_loop_t* l, const RedisOptions& o)
      : loop(l), options(o), report(o.server), timer(loop::new_timer(l)) {
    timer->data = this;
  }

  bool send(const std::vector<std::string>& words, Command* waiting);
  Status connected() override;
  Status answered(base::Result<RedisValue> answer) override;
  void processed() override;
  void lost(std::string problem) override;

  void connect();
  void resolved(int status, ares_addrinfo* found);
  void connect_to_next(std::string problem);
  void give_up(const std::string& problem);
  void drop_all();  // and who waits is among those to go on
  Status greeted(const base::Result<RedisValue>& answer);
  void start_timer(milliseconds time);
  void time_is_over();

  // away: until the timer says. connecting: for so long at most, until all greetings are answered.
  enum class Phase { away, connecting, ready, stopped };
  struct Sent {
    Command* waiting;  // null: nobody does
    std::string verb;
    Clock::time_point deadline;
  };

  uv_loop_t* const loop;
  const RedisOptions options;
  RedisReport report;
  RedisPlace place;
  Phase phase = Phase::away;
  milliseconds pause = first_pause;  // after the next failure
  Clock::time_point ready_since{};
  std::unique_ptr<Ares> resolver;
  bool resolving = false;
  std::deque<std::string> addresses;  // to be tried yet
  std::deque<std::string> greetings;  // commands of ours that are not answered yet
  std::deque<Sent> sent;
  std::vector<std::coroutine_handle<>> ended;  // who is to go on
  const loop::Handle<uv_timer_t> timer;
  std::unique_ptr<RedisLink> link;
};

bool Redis::Command::await_suspend(std::coroutine_handle<> handle) {
  waiter = handle;
  return state.send(words, this);
}

bool Redis::State::send(const std::vector<std::string>& words, Command* waiting) {
  if (phase != Phase::ready || sent.size() >= most_commands || link->unsent() > most_unsent)
    return false;
  link->send(words);
  sent.push_back({waiting, words.front(), Clock::now() + options.query_time});
  if (!uv_is_active(reinterpret_cast<uv_handle_t*>(timer.get()))) start_timer(options.query_time);
  return true;
}

void Redis::State::start_timer(milliseconds time) {
  const auto expire = [](uv_timer_t* t) { static_cast<State*>(t->data)->time_is_over(); };
  uv_update_time(loop);  // the loop may have been busy, or not be running yet
  uv_timer_start(timer.get(), expire, static_cast<std::uint64_t>(time.count()), 0);
}

void Redis::State::time_is_over() {
  if (phase == Phase::away) return connect();
  if (phase == Phase::connecting)
    return give_up(cat("no connection within ", options.connect_time.count(), " ms"));
  const auto is_late = [this] { return !sent.empty() && sent.front().deadline <= Clock::now(); };
  if (is_late()) link->look();  // perhaps it is us who were busy
  if (phase != Phase::ready) return;
  if (is_late()) return give_up(cat("no answer within ", options.query_time.count(), " ms"));
  if (sent.empty()) return;
  start_timer(std::chrono::ceil<milliseconds>(sent.front().deadline - Clock::now()));
}

void Redis::State::connect() {
  const auto parsed = parse_redis_place(options.server);
  if (!parsed) return give_up(parsed.error().text);
  place = *parsed;
  phase = Phase::connecting;
  start_timer(options.connect_time);
  addresses = {place.host};
  if (!place.path.empty() || base::parse_address(place.host)) return connect_to_next("");
  addresses.clear();
  auto opened = Ares::open(loop, config::default_options().dns, 0, *this);
  if (!opened) return give_up(opened.error().text);
  resolver = std::move(*opened);
  resolving = true;
  const auto found = [](void* self, int status, int, ares_addrinfo* hosts) {
    static_cast<State*>(self)->resolved(status, hosts);
  };
  resolver->find_host(place.host, found, this);
}

void Redis::State::resolved(int status, ares_addrinfo* found) {
  const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> owner(found, ares_freeaddrinfo);
  if (!std::exchange(resolving, false) || phase != Phase::connecting) return;
  for (const auto* node = found ? found->nodes : nullptr; node; node = node->ai_next) {
    char text[INET6_ADDRSTRLEN] = "";
    const void* bytes = &reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr;
    if (node->ai_family == AF_INET6)
      bytes = &reinterpret_cast<const sockaddr_in6*>(node->ai_addr)->sin6_addr;
    addresses.emplace_back(inet_ntop(node->ai_family, bytes, text, sizeof text) ? text : "");
  }
  connect_to_next(ares_strerror(status));
}

void Redis::State::connect_to_next(std::string problem) {
  link.reset();
  while (!addresses.empty()) {
    const std::string address = addresses.front();
    addresses.pop_front();
    auto made = RedisLink::connect(loop, place, address, most_bytes, *this);
    if (made) {
      link = std::move(*made);
      return;
    }
    problem = made.error().text;
  }
  give_up(problem);
}

// PING finds out whether it would answer at all.
Status Redis::State::connected() {
  greetings.clear();
  if (!options.password.empty()) {
    const Status status = link->log_in(options.user, *options.password);
    if (!status) return status;
    greetings.emplace_back("AUTH");
  }
  const auto say = [this](const std::vector<std::string>& words) {
    link->send(words);
    greetings.push_back(words.front());
  };
  if (options.database != 0) say({"SELECT", std::to_string(options.database)});
  say({"PING"});
  return Done{};
}

// Some servers repeat in their error what they were sent.
Status Redis::State::greeted(const base::Result<RedisValue>& answer) {
  const std::string verb = greetings.front();
  if (!answer && verb == "AUTH") return Error{"it refuses the user or the password"};
  if (!answer) return Error{cat("it refuses ", verb, ": ", answer.error().text)};
  greetings.pop_front();
  if (!greetings.empty()) return Done{};
  phase = Phase::ready;
  ready_since = Clock::now();
  addresses.clear();
  uv_timer_stop(timer.get());
  report.back();
  return Done{};
}

Status Redis::State::answered(base::Result<RedisValue> answer) {
  if (!greetings.empty()) return greeted(answer);
  if (sent.empty()) return Error{"it answers what it was not asked"};
  const Sent next = std::move(sent.front());
  sent.pop_front();
  if (answer)
    report.done(next.verb);
  else
    report.refused(next.verb, answer.error().text);
  if (answer) pause = first_pause;
  if (!next.waiting) return Done{};
  if (answer) next.waiting->answer = *std::move(answer);
  ended.push_back(next.waiting->waiter);
  return Done{};
}

// Not while an answer is being read: whoever goes on may send again.
void Redis::State::processed() {
  while (!ended.empty())
    for (const auto waiter : std::exchange(ended, {})) waiter.resume();
}

void Redis::State::lost(std::string problem) {
  const bool is_there = !greetings.empty();
  if (phase == Phase::connecting && !is_there) return connect_to_next(std::move(problem));
  give_up(problem);
}

// A connection that a server closes while nobody waits is no outage, if it takes the next one.
void Redis::State::give_up(const std::string& problem) {
  const bool was_idle = phase == Phase::ready && sent.empty();
  if (phase == Phase::ready && Clock::now() - ready_since > longest_pause) pause = first_pause;
  if (!was_idle) report.away(problem);
  phase = Phase::away;
  drop_all();
  start_timer(pause);
  pause = std::min(pause * 2, longest_pause);
  processed();
}

void Redis::State::drop_all() {
  uv_timer_stop(timer.get());
  link.reset();
  addresses.clear();
  greetings.clear();
  if (std::exchange(resolving, false)) resolver->cancel();
  for (const Sent& each : std::exchange(sent, {}))
    if (each.waiting) ended.push_back(each.waiting->waiter);
}

Status check_redis(const RedisOptions& options) {
  if (options.server.empty()) return Done{};
  const auto place = parse_redis_place(options.server);
  if (!place) return Error{cat("server: ", place.error().text)};
  if (!options.user.empty() && options.password.empty())
    return Error{"user: there is no password for it"};
  const auto is_graph = [](char c) { return c > ' ' && c <= '~'; };
  if (options.prefix.size() > longest_prefix ||
      !std::all_of(options.prefix.begin(), options.prefix.end(), is_graph))
    return Error{cat("prefix: not at most ", longest_prefix, " ASCII characters without blanks")};
  return Done{};
}

Redis::Redis(uv_loop_t* loop, const RedisOptions& options)
    : state_(std::make_unique<State>(loop, options)) {
  state_->connect();
}

Redis::~Redis() { stop(); }

void Redis::stop() {
  if (state_->phase == State::Phase::stopped) return;
  state_->phase = State::Phase::stopped;
  state_->drop_all();
  state_->processed();
}

loop::Task<std::optional<RedisValue>> Redis::command(std::vector<std::string> words) {
  Command command{*state_, std::move(words)};
  co_await command;
  co_return std::move(command.answer);
}

void Redis::tell(std::vector<std::string> words) { state_->send(words, nullptr); }

bool Redis::is_away() const { return state_->phase != State::Phase::ready; }
const std::string& Redis::prefix() const { return state_->options.prefix; }

std::shared_ptr<Redis> make_redis(uv_loop_t* loop, const RedisOptions& options) {
  return options.server.empty() ? nullptr : std::make_shared<Redis>(loop, options);
}

}  // namespace clients
