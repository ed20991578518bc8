// A small world for tests of the Registry: a clock that stands until it is moved, a Team Cymru, a
// registry that answers as it was told, and a Shelf in memory. All on the test's own loop.
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cached/base/text.h"
#include "cached/facts/registry.h"
#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/loop/test_loop.h"

namespace tests::registries {

using facts::Heard;
using facts::Origin;
using facts::RegisteredNetwork;
using facts::Source;
using facts::State;
using facts::WallTime;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline base::Address address(const std::string& text) { return *base::parse_address(text); }

// What several registries (hosts) share, or one alone.
struct FakeShelf : facts::Shelf {
  explicit FakeShelf(bool shared) : is_shared_(shared) {}

  bool may_have(const std::string& key) const override { return is_slow || fields.contains(key); }
  loop::Task<Kept> read(std::string key) override {
    reads++;
    Kept kept{{}, flushed};
    for (const auto& field : fields[key]) kept.fields.push_back(field);
    co_return kept;
  }
  void write(std::string key, Fields added, std::chrono::seconds kept) override {
    writes++;
    for (auto& [name, value] : added) fields[key][name] = value;
    times[key] = std::max(times[key], kept);  // as Shelf has it
  }
  void erase(std::string key) override { fields.erase(key); }
  void erase_all() override { flushed = *now; }
  loop::Task<bool> claim(std::string key) override {
    claims.push_back(key);
    co_return !is_shared_ || claimed.insert(key).second;
  }
  bool is_shared() const override { return is_shared_; }
  void stop() override {}

  std::map<std::string, std::map<std::string, std::string>> fields;
  std::map<std::string, std::chrono::seconds> times;
  std::set<std::string> claimed;
  std::vector<std::string> claims;
  WallTime flushed{};
  const WallTime* now = nullptr;
  int reads = 0, writes = 0;
  bool is_slow = true;  // it has to be read to know what is there

 private:
  const bool is_shared_;
};

// An answer of RDAP about addresses from `first` to `last`.
inline clients::HttpAnswer document(const std::string& first, const std::string& last,
                                    const std::string& name, const std::string& more = "") {
  clients::HttpAnswer answer;
  answer.status = 200;
  answer.host = "rdap.example";
  answer.body = base::cat(R"({"handle":"H","ipVersion":"v4","startAddress":")", first,
                          R"(","endAddress":")", last, R"(","name":")", name, "\"", more, "}");
  return answer;
}
inline clients::HttpAnswer status(int code) {
  clients::HttpAnswer answer;
  answer.status = code;
  answer.host = "rdap.example";
  if (code == 0) answer.problem = "no whole answer in time";
  return answer;
}

struct World : TestLoop {
  using Outcome = clients::DnsAnswer::Outcome;

  WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
  std::vector<std::pair<std::pair<std::string, std::string>, clients::HttpAnswer>> networks;
  std::deque<clients::HttpAnswer> next;  // whatever is asked, before `networks`
  std::map<std::string, clients::DnsAnswer> texts;
  std::map<std::string, std::string> whois;  // what the server says
  std::vector<std::string> asked;            // the addresses, by RDAP
  int at_a_time = 0, most_at_a_time = 0;     // of them
  std::vector<std::string> asked_dns;        // names
  std::vector<std::string> asked_whois;
  milliseconds delay{0};  // of an answer, on the real clock
  facts::RegistryPlan plan;

  World() {
    plan.rdap[static_cast<std::size_t>(facts::Rir::ripencc)] = "https://rdap.example";
    plan.rdap[static_cast<std::size_t>(facts::Rir::arin)] = "https://rdap.arin.example";
    plan.origin = {hours(24), hours(24 * 7)};
    plan.as_name = {hours(24 * 7), hours(24 * 60)};
    plan.network = {hours(24 * 7), hours(24 * 30)};
    plan.pause = seconds(30);
    plan.query_time = milliseconds(3000);
  }
  ~World() { finish(); }

  facts::Askers askers() {
    facts::Askers all;
    all.texts = [this](std::string name) { return text(std::move(name)); };
    all.get = [this](clients::HttpRequest request) { return get(std::move(request)); };
    all.whois = [this](std::string server, std::string, milliseconds) {
      return say(std::move(server));
    };
    all.now = [this] { return now; };
    return all;
  }

  // The registry knows this network, before those that were added earlier.
  void add(const std::string& first, const std::string& last, const std::string& name,
           const std::string& more = "") {
    networks.insert(networks.begin(), {{first, last}, document(first, last, name, more)});
  }
  void add_origin(const std::string& of, const std::string& record) {
    texts[facts::origin_name(address(of))] = {Outcome::found, {record}, seconds(60), {}};
  }

  facts::PlanPtr a_plan() const { return std::make_shared<const facts::RegistryPlan>(plan); }
  void finish() {
    while (loop::roots() > 0) uv_run(&loop, UV_RUN_ONCE);
  }

 private:
  loop::Task<clients::HttpAnswer> get(clients::HttpRequest request) {
    const auto of = request.url.substr(request.url.rfind('/') + 1);
    asked.push_back(of);
    clients::HttpAnswer answer = status(404);
    if (!next.empty()) {
      answer = next.front();
      next.pop_front();
    } else {
      for (const auto& [range, told] : networks)
        if (address(range.first).bytes <= address(of).bytes &&
            address(of).bytes <= address(range.second).bytes) {
          answer = told;
          break;
        }
    }
    most_at_a_time = std::max(most_at_a_time, ++at_a_time);
    auto pause = loop::sleep(&loop, delay);
    co_await pause;
    at_a_time--;
    co_return answer;
  }
  loop::Task<clients::DnsAnswer> text(std::string name) {
    asked_dns.push_back(name);
    auto pause = loop::sleep(&loop, delay);
    co_await pause;
    const auto known = texts.find(name);
    co_return known == texts.end() ? clients::DnsAnswer{Outcome::nothing, {}, {}, {}}
                                   : known->second;
  }
  loop::Task<clients::WhoisText> say(std::string server) {
    asked_whois.push_back(server);
    const auto known = whois.find(server);
    if (known == whois.end()) co_return clients::WhoisText{{}, server + " does not answer"};
    co_return clients::WhoisText{known->second, {}};
  }
};

// A host: what it is told of a network, as a word. `-`: there is none; `?`: nobody could tell.
struct Host {
  explicit Host(World& in, FakeShelf* shelf = nullptr, std::size_t cells = 1000)
      : world(in), registry(&in.loop, in.askers(), shelf, cells) {
    if (shelf) shelf->now = &in.now;
  }

  Heard<RegisteredNetwork> hear(const std::string& of, facts::Rir rir = facts::Rir::ripencc) {
    return world.result_of(registry.find_network(address(of), rir, world.a_plan()));
  }
  std::string name(const std::string& of, facts::Rir rir = facts::Rir::ripencc) {
    const auto heard = hear(of, rir);
    if (heard.value.state() == State::absent) return "-";
    const auto* network = heard.value.find();
    return network ? network->name.find() ? *network->name.find() : "<none>" : "?";
  }
  Heard<Origin> origin(const std::string& of) {
    return world.result_of(registry.find_origin(address(of), world.a_plan()));
  }
  Heard<std::string> as_name(std::uint32_t number) {
    return world.result_of(registry.find_as_name(number, world.a_plan()));
  }

  World& world;
  facts::Registry registry;
};

}  // namespace tests::registries
