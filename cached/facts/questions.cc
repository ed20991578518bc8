// See questions.h.
// SPDX-License-Identifier: MIT

#include "cached/facts/questions.h"

#include <utility>

#include "cached/base/text.h"
#include "cached/clients/url.h"
#include "cached/facts/whois43.h"

namespace facts {
namespace {

using base::cat;
using base::Error;
using base::Result;
using clients::DnsAnswer;
using clients::HttpAnswer;
using loop::Task;
using Kind = NetworkWord::Kind;

constexpr std::chrono::seconds default_retry{120};
constexpr const char* no_place = "too many questions to it are waiting";

std::size_t number_of(Rir rir) { return static_cast<std::size_t>(rir); }

// What an answer of a registry means to the one who asked, and to its breaker.
struct Reading {
  std::optional<NetworkWord> word;
  std::string problem;
  enum class Means { good, puzzle, failure, wait, nothing } means = Means::good;
};

Reading read_document(const HttpAnswer& answer, const base::Address& address) {
  using Means = Reading::Means;
  auto network = parse_rdap(answer.body);
  if (!network && network.error().text == rate_limit_notice)
    return {{}, network.error().text, Means::wait};
  if (!network) return {{}, network.error().text, Means::puzzle};
  NetworkWord word{Kind::known, std::move(*network), answer.host};
  if (!word.range().contains(address))
    return {{}, "it tells of a network somewhere else", Means::puzzle};
  return {std::move(word), {}, Means::good};
}

Reading read_answer(const HttpAnswer& answer, const base::Address& address) {
  using Means = Reading::Means;
  const int status = answer.status;
  if (status == 0 && !answer.was_asked) return {{}, answer.problem, Means::nothing};
  if (status == 0)
    return {{}, answer.problem, answer.was_answered ? Means::puzzle : Means::failure};
  if (status == 200) return read_document(answer, address);
  if (status == 404 || status == 400) {  // RFC 7480, 5.3 and 5.4
    const Range unit = smallest_unit(address);
    RegisteredNetwork nothing;
    nothing.first = unit.first;
    nothing.last = unit.last;
    return {NetworkWord{Kind::none, std::move(nothing), answer.host}, {}, Means::good};
  }
  std::string problem = cat("HTTP status ", status);
  if (status == 429 || answer.retry_after) return {{}, std::move(problem), Means::wait};
  return {{}, std::move(problem), status == 500 ? Means::puzzle : Means::failure};
}

Result<Origin> parse_origin_of(const base::Address& address,
                               const std::vector<std::string>& records) {
  auto origin = parse_origin(records);
  if (origin && !origin->prefix.contains(address)) return Error{"is of another prefix"};
  return origin;
}

Brought<NetworkWord> nothing_brought(const char* protocol, Rir rir, std::string_view problem,
                                     bool was_asked) {
  return {{}, cat(protocol, " of ", name_of(rir), ": ", problem), was_asked};
}

}  // namespace

Askers askers_of(clients::Dns& dns, clients::Http& http, clients::Whois& whois) {
  Askers askers;
  askers.texts = [&dns](std::string name) { return dns.texts(std::move(name)); };
  askers.get = [&http](clients::HttpRequest request) { return http.get(std::move(request)); };
  askers.whois = [&whois](std::string server, std::string question,
                          std::chrono::milliseconds time) {
    return whois.ask(std::move(server), std::move(question), time);
  };
  return askers;
}

Questions::Questions(Askers askers)
    : askers_(std::move(askers)), registries_([]<std::size_t... rir>(std::index_sequence<rir...>) {
        const auto named = [](const char* protocol, std::size_t number) {
          return Breaker(cat(protocol, " of ", name_of(static_cast<Rir>(number))));
        };
        return std::array<Registry, rir_count>{
            Registry{named("RDAP", rir), named("WHOIS", rir), Bucket()}...};
      }(std::make_index_sequence<rir_count>())) {}

std::string Questions::cymru_obstacle(const RegistryPlan& plan) const {
  if (!plan.cymru) return "[registry] cymru is no";
  return cymru_.obstacle(now());
}

std::string Questions::network_obstacle(Rir rir, const RegistryPlan& plan) const {
  const std::string& rdap = plan.rdap[number_of(rir)];
  const std::string& whois = plan.whois[number_of(rir)];
  if (rir == Rir::none) return "no registry is known for it";
  if (rdap.empty() && whois.empty()) return cat("[registry] does not name ", name_of(rir));
  const auto of_rdap = rdap.empty() ? "" : of(rir).rdap.obstacle(now());
  if (!rdap.empty() && of_rdap.empty()) return {};
  const auto of_whois = whois.empty() ? "" : of(rir).whois.obstacle(now());
  if (!whois.empty() && of_whois.empty()) return {};
  return of_rdap.empty() ? of_whois : of_rdap;
}

bool Questions::take_turn(Rir rir, const RegistryPlan& plan) {
  return of(rir).bucket.take(now(), plan.rate);
}

template <class T, class Parse>
Task<Brought<Fact<T>>> Questions::ask_cymru(std::string name, PlanPtr plan, bool is_waited_for,
                                            Parse parse) {
  Gate::Place place(cymru_gate_, plan->query_time, is_waited_for);
  co_await place;
  if (!place.has_entered()) co_return Brought<Fact<T>>{{}, cat("Team Cymru: ", no_place), false};
  const auto leave = cymru_.begin(now());
  if (!leave) co_return Brought<Fact<T>>{{}, cymru_.obstacle(now()), false};
  auto asking = askers_.texts(std::move(name));
  const DnsAnswer answer = co_await asking;
  if (answer.outcome == DnsAnswer::Outcome::failed) {
    if (answer.was_asked)
      cymru_.failed(*leave, now(), plan->pause, answer.problem);
    else
      cymru_.returned(*leave);
    co_return Brought<Fact<T>>{{}, cat("Team Cymru: ", answer.problem), answer.was_asked};
  }
  if (answer.outcome == DnsAnswer::Outcome::nothing) {
    cymru_.answered(*leave, now());
    co_return Brought<Fact<T>>{Fact<T>::absent(), {}};
  }
  Result<T> parsed = parse(answer.values);
  if (!parsed) {
    const std::string problem = cat("its answer ", parsed.error().text);
    cymru_.puzzled(*leave, now(), plan->pause, problem);
    co_return Brought<Fact<T>>{{}, cat("Team Cymru: ", problem)};
  }
  cymru_.answered(*leave, now());
  co_return Brought<Fact<T>>{Fact<T>(std::move(*parsed)), {}};
}

Task<Brought<Fact<Origin>>> Questions::ask_origin(base::Address address, PlanPtr plan,
                                                  bool is_waited_for) {
  const auto parse = [address](const std::vector<std::string>& records) {
    return parse_origin_of(address, records);
  };
  return ask_cymru<Origin>(origin_name(address), std::move(plan), is_waited_for, parse);
}

Task<Brought<Fact<std::string>>> Questions::ask_as_name(std::uint32_t number, PlanPtr plan,
                                                        bool is_waited_for) {
  return ask_cymru<std::string>(
      as_name_of(number), std::move(plan), is_waited_for,
      static_cast<Result<std::string> (*)(const std::vector<std::string>&)>(&parse_as_name));
}

Task<Brought<NetworkWord>> Questions::ask_network(base::Address address, Rir rir, PlanPtr plan,
                                                  bool is_waited_for) {
  Brought<NetworkWord> brought = co_await ask_rdap(address, rir, plan, is_waited_for);
  if (brought.value || !is_waited_for || plan->whois[number_of(rir)].empty()) co_return brought;
  Brought<NetworkWord> rough = co_await ask_whois(address, rir, plan);
  if (!rough.value) {
    rough.problem = cat(brought.problem, brought.problem.empty() ? "" : "; ", rough.problem);
    rough.was_asked = rough.was_asked || brought.was_asked;
  }
  co_return rough;
}

Task<Brought<NetworkWord>> Questions::ask_rdap(base::Address address, Rir rir, PlanPtr plan,
                                               bool is_waited_for) {
  const std::string& url = plan->rdap[number_of(rir)];
  if (url.empty()) co_return Brought<NetworkWord>{{}, {}, false};
  Gate::Place place(of(rir).rdap_gate, plan->query_time, is_waited_for);
  co_await place;
  if (!place.has_entered()) co_return nothing_brought("RDAP", rir, no_place, false);
  Breaker& breaker = of(rir).rdap;
  const auto leave = breaker.begin(now());
  if (!leave) co_return Brought<NetworkWord>{{}, breaker.obstacle(now()), false};
  clients::HttpRequest request;
  request.url = cat(url, "/ip/", base::text_of(address));
  request.hosts = plan->hosts;
  request.accept = "application/rdap+json, application/json";
  request.tls_ca = plan->tls_ca;
  request.connect_time = plan->connect_time;
  request.total_time = plan->query_time;
  request.most_bytes = longest_rdap;
  auto asking = askers_.get(std::move(request));
  const HttpAnswer answer = co_await asking;
  Reading reading = read_answer(answer, address);
  // One that it sent us on to failed: it is not to blame.
  const auto first = clients::parse_https(url);
  const bool is_astray = first && first->host != answer.host && !answer.host.empty();
  if (is_astray && reading.means != Reading::Means::nothing && !reading.word)
    reading.means = Reading::Means::puzzle;
  switch (reading.means) {
    case Reading::Means::good:
      breaker.answered(*leave, now());
      break;
    case Reading::Means::puzzle:
      breaker.puzzled(*leave, now(), plan->pause, reading.problem);
      break;
    case Reading::Means::failure:
      breaker.failed(*leave, now(), plan->pause, reading.problem);
      break;
    case Reading::Means::wait:
      breaker.sent_away(*leave, now(), answer.retry_after.value_or(default_retry));
      break;
    case Reading::Means::nothing:
      breaker.returned(*leave);
  }
  const bool was_asked = reading.means != Reading::Means::nothing;
  if (!reading.word) co_return nothing_brought("RDAP", rir, reading.problem, was_asked);
  co_return Brought<NetworkWord>{std::move(reading.word), {}, was_asked};
}

Task<Brought<NetworkWord>> Questions::ask_whois(base::Address address, Rir rir, PlanPtr plan) {
  const std::string& server = plan->whois[number_of(rir)];
  Gate::Place place(of(rir).whois_gate, plan->query_time, true);
  co_await place;
  if (!place.has_entered()) co_return nothing_brought("WHOIS", rir, no_place, false);
  Breaker& breaker = of(rir).whois;
  const auto leave = breaker.begin(now());
  if (!leave) co_return Brought<NetworkWord>{{}, breaker.obstacle(now()), false};
  auto asking = askers_.whois(server, whois_question(rir, address), plan->query_time);
  const clients::WhoisText told = co_await asking;
  const auto bring_nothing = [&](std::string_view problem) {
    return nothing_brought("WHOIS", rir, problem, told.was_asked);
  };
  if (!told.problem.empty()) {
    if (told.was_asked)
      breaker.failed(*leave, now(), plan->pause, told.problem);
    else
      breaker.returned(*leave);
    co_return bring_nothing(told.problem);
  }
  WhoisAnswer answer = parse_whois(told.text, address);
  switch (answer.is) {
    case WhoisAnswer::Is::network:
      breaker.answered(*leave, now());
      co_return Brought<NetworkWord>{
          NetworkWord{Kind::rough, std::move(answer.network), cat("whois43 ", server)}, {}};
    case WhoisAnswer::Is::nothing:
      breaker.answered(*leave, now());
      co_return bring_nothing("it knows no network there");
    case WhoisAnswer::Is::refused:
      breaker.sent_away(*leave, now(), default_retry);
      co_return bring_nothing("it refused to answer");
    case WhoisAnswer::Is::unreadable:
      break;
  }
  breaker.puzzled(*leave, now(), plan->pause, "it could not be understood");
  co_return bring_nothing("it could not be understood");
}

}  // namespace facts
