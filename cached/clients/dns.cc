// See dns.h. c-ares (ares.h) speaks with the servers: it makes the messages, tries again, goes on
// to the next server, and to TCP when an answer was cut short (RFC 7766).
// SPDX-License-Identifier: MIT

#include "cached/clients/dns.h"

#include <arpa/nameser.h>
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "cached/base/host.h"
#include "cached/base/log.h"
#include "cached/base/text.h"
#include "cached/clients/ares.h"

namespace clients {
namespace {

using Outcome = DnsAnswer::Outcome;
using Clock = std::chrono::steady_clock;

// All questions of a channel go out from one port, which is another one for each channel: whoever
// wants to forge answers shall not have long to find out which (RFC 5452, 9.2). A new channel also
// takes over what has become of resolv.conf.
constexpr int questions_of_a_channel = 250;
constexpr std::size_t most_channels = 32;  // each has one or two sockets a server, while it asks

// That many in a row without any answer, and one at a time is still asked, or one in a while if
// that takes long, lest it be for ever about a name that nobody answers for: logins do not wait for
// servers that are away.
constexpr int silence = 10;
constexpr std::chrono::milliseconds between_probes{100};
// That many in a row that the first server did not answer, and it becomes the last.
constexpr int reluctance = 3;

DnsAnswer failed(std::string problem) { return {Outcome::failed, {}, {}, std::move(problem)}; }

// c-ares takes what is no number for the port 0, and port 0 for 53.
bool is_server(std::string_view text) {
  if (base::parse_address(text)) return true;
  const auto host = base::parse_host(text);
  return host && host->address;
}

}  // namespace

struct Dns::State final : Ares::Listener {
  State(uv_loop_t* l, const DnsOptions& o) : loop(l), options(o) {}

  void processed() override;
  base::Result<Ares*> channel_for_another();
  void learn_from(const Question& question, int status, int timeouts);

  uv_loop_t* const loop;
  const DnsOptions options;
  std::vector<Question*> ended;                 // whose coroutines are to go on
  std::vector<std::unique_ptr<Ares>> channels;  // the last one is asked
  std::size_t questions = 0;
  std::size_t first_server = 0;
  bool is_renewed = false;  // no channel has been opened for that server yet
  int reluctant = 0;        // questions in a row that the first server did not answer
  int unanswered = 0;       // questions in a row that none did, nor any other since
  Clock::time_point asked_at{}, answered_at{};  // the last time
  bool stopped = false;
};

// In the frame of the coroutine that waits for it.
struct Dns::Question {
  State& state;
  const std::string name;
  const int type;
  DnsAnswer answer{};
  Clock::time_point asked_at{};
  std::coroutine_handle<> waiter{};  // null until it waits
  bool has_ended = false;

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle);  // false: it has ended already
  void await_resume() const {}
  void end(int status, int timeouts, std::span<const unsigned char> message);
};

bool Dns::Question::await_suspend(std::coroutine_handle<> handle) {
  const auto channel = state.channel_for_another();
  if (!channel) {
    answer = failed(channel.error().text);
    answer.was_asked = false;
    return false;
  }
  const auto done = [](void* data, int status, int timeouts, unsigned char* bytes, int size) {
    const std::size_t length = bytes && size > 0 ? static_cast<std::size_t>(size) : 0;
    static_cast<Question*>(data)->end(status, timeouts, {bytes, length});
  };
  state.questions++;
  state.asked_at = asked_at = Clock::now();
  (*channel)->ask(name, type, done, this);
  if (!has_ended) waiter = handle;
  return !has_ended;
}

void Dns::Question::end(int status, int timeouts, std::span<const unsigned char> message) {
  has_ended = true;
  state.questions--;
  const bool told = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
  if (told && !message.empty())
    answer = parse_dns_answer(message, type);
  else if (told)  // c-ares knows by itself that there is no such name (RFC 7686)
    answer.outcome = Outcome::nothing;
  else if (status == ARES_ECONNREFUSED)  // c-ares tells no more
    answer = failed("the DNS servers fail, refuse or cannot be reached");
  else
    answer = failed(state.stopped ? "no more questions are asked" : ares_strerror(status));
  answer.was_asked = !state.stopped;
  if (!state.stopped) state.learn_from(*this, status, timeouts);
  if (waiter) state.ended.push_back(this);
}

// Not from inside c-ares: whoever goes on may ask again, and more.
void Dns::State::processed() {
  while (!ended.empty())
    for (Question* question : std::exchange(ended, {})) question->waiter.resume();
}

base::Result<Ares*> Dns::State::channel_for_another() {
  if (stopped) return base::Error{"no more questions are asked"};
  if (questions >= most_questions) return base::Error{"too many questions at the same time"};
  if (unanswered >= silence && questions > 0 && Clock::now() - asked_at < between_probes)
    return base::Error{"no DNS server answers"};
  if (!channels.empty() && channels.back()->asked() < questions_of_a_channel && !is_renewed)
    return channels.back().get();
  std::erase_if(channels, [](const auto& channel) { return channel->is_idle(); });
  if (channels.size() >= most_channels) return channels.back().get();
  auto channel = Ares::open(loop, options, first_server, *this);
  if (!channel) return channel.error();
  channels.push_back(std::move(*channel));
  is_renewed = false;
  return channels.back().get();
}

// A server that is there does not answer in time for names whose own servers are away.
void Dns::State::learn_from(const Question& question, int status, int timeouts) {
  const bool silent = status == ARES_ETIMEOUT;
  const bool was_away = unanswered >= silence;
  if (!silent) answered_at = Clock::now();
  if (answered_at < question.asked_at)
    unanswered = std::min(unanswered + 1, silence);
  else
    unanswered = 0;
  const bool is_away = unanswered >= silence;
  if (is_away && !was_away)
    base::log::warning("no DNS server answers: reverse names and DNS lists are not known");
  if (was_away && !is_away) base::log::notice("a DNS server answers again");

  reluctant = silent || timeouts > 0 ? reluctant + 1 : 0;
  if (reluctant < reluctance) return;
  reluctant = 0;
  first_server++;
  is_renewed = true;
}

base::Status check_dns(const DnsOptions& options) {
  for (const auto& server : options.servers)
    if (!is_server(server))
      return base::Error{base::cat("servers: ", base::printable(server),
                                   " is not an address, ADDRESS:PORT or [ADDRESS]:PORT")};
  return base::Done{};
}

std::string reversed_labels(const base::Address& address) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto& bytes = address.bytes;
  if (address.is_v4())
    return base::cat(int{bytes[15]}, ".", int{bytes[14]}, ".", int{bytes[13]}, ".", int{bytes[12]});
  std::string labels;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
    labels += {digits[*byte & 15], '.', digits[*byte >> 4], '.'};
  labels.pop_back();
  return labels;
}

Dns::Dns(uv_loop_t* loop, const DnsOptions& options)
    : state_(std::make_unique<State>(loop, options)) {}

Dns::~Dns() { stop(); }

void Dns::stop() {
  state_->stopped = true;
  for (const auto& channel : state_->channels) channel->cancel();
  state_->processed();
}

std::size_t Dns::questions() const { return state_->questions; }

loop::Task<DnsAnswer> Dns::ask(std::string name, int type) {
  Question question{*state_, std::move(name), type};
  co_await question;
  co_return std::move(question.answer);
}

loop::Task<DnsAnswer> Dns::pointers(base::Address address) {
  return ask(base::cat(reversed_labels(address), address.is_v4() ? ".in-addr.arpa" : ".ip6.arpa"),
             ns_t_ptr);
}

loop::Task<DnsAnswer> Dns::addresses(std::string name, bool v6) {
  return ask(std::move(name), v6 ? ns_t_aaaa : ns_t_a);
}

loop::Task<DnsAnswer> Dns::texts(std::string name) { return ask(std::move(name), ns_t_txt); }

}  // namespace clients
