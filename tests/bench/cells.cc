// What it costs to remember what the registries said: time of the three questions of a login (the
// origin of its address, its network, the name of its system) when all are remembered, and memory
// of a cell; with few cells and with many, in turn. In this process, for networks that 16 cells
// share and that each has of its own; or, with SOCKET, in the Redis there, nothing of it here.
// Usage: cells ROUNDS CELLS [SOCKET]
// SPDX-License-Identifier: MIT

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "cached/base/text.h"
#include "cached/facts/cell_codec.h"
#include "cached/facts/redis_shelf.h"
#include "cached/facts/registry.h"
#include "cached/loop/sleep.h"

namespace {

using namespace facts;
using base::cat;
using Clock = std::chrono::steady_clock;
using Addresses = std::vector<base::Address>;

constexpr std::size_t few = 1'000, systems = 60'000;

base::Address address_in(std::size_t cell, std::size_t host) {
  base::Address address = *base::parse_address("1.0.0.0");
  address.bytes[12] = static_cast<unsigned char>(1 + (cell >> 16));
  address.bytes[13] = static_cast<unsigned char>(cell >> 8);
  address.bytes[14] = static_cast<unsigned char>(cell);
  address.bytes[15] = static_cast<unsigned char>(host);
  return address;
}

// A login from each of the cells, in a random order; of no more than are needed.
Addresses logins_from(std::size_t cells, std::size_t most) {
  std::mt19937_64 engine(1);
  Addresses all;
  for (std::size_t cell = 0; cell < cells; cell++) all.push_back(address_in(cell, engine() % 256));
  std::shuffle(all.begin(), all.end(), engine);
  all.resize(std::min(cells, most));
  return all;
}

// The world: so many cells in a row have one network, which is announced by one system.
struct World {
  std::size_t shared = 1, cell = 0;  // the one that is being asked about

  std::size_t first() const { return cell / shared * shared; }
  std::uint32_t system() const { return static_cast<std::uint32_t>(first() % systems + 1); }
  std::string name() const { return cat("EXAMPLE-NETWORK-", first()); }
  std::string handle() const { return cat("ORG-", first(), "-RIPE"); }
  base::Address last_address() const { return address_in(first() + shared - 1, 255); }

  Askers askers() {
    Askers all;
    all.get = [this](clients::HttpRequest) { return tell_network(); };
    all.texts = [this](std::string name) { return tell_text(name); };
    return all;
  }
  loop::Task<clients::HttpAnswer> tell_network() {
    clients::HttpAnswer answer;
    answer.status = 200;
    answer.host = "rdap.db.ripe.net";
    answer.body = cat(
        R"({"handle":"H","ipVersion":"v4","startAddress":")", base::text_of(address_in(first(), 0)),
        R"(","endAddress":")", base::text_of(last_address()), R"(","name":")", name(),
        R"(","country":"DE","entities":[{"handle":")", handle(), R"("},{"handle":"X-MNT"}]})");
    co_return answer;
  }
  loop::Task<clients::DnsAnswer> tell_text(std::string asked) {
    std::string text = asked.starts_with("AS")
                           ? "1 | DE | ripencc | | EXAMPLE-AS Example Networks, DE"
                           : cat(system(), " | ", base::text_of(address_in(first(), 0)),
                                 shared == 1 ? "/24" : "/20", " | DE | ripencc |");
    co_return clients::DnsAnswer{clients::DnsAnswer::Outcome::found, {std::move(text)}, {}, {}};
  }
};

// Nobody: what is not remembered is not found.
Askers nobody() {
  Askers none;
  none.get = [](clients::HttpRequest) -> loop::Task<clients::HttpAnswer> {
    co_return clients::HttpAnswer();
  };
  none.texts = [](std::string) -> loop::Task<clients::DnsAnswer> {
    co_return clients::DnsAnswer();
  };
  return none;
}

PlanPtr plan() {
  RegistryPlan plan;
  plan.rdap[static_cast<std::size_t>(Rir::ripencc)] = "https://rdap.db.ripe.net";
  plan.network = plan.origin = plan.as_name = {std::chrono::hours(24), std::chrono::hours(48)};
  return std::make_shared<const RegistryPlan>(plan);
}

// What is remembered, as a login asks for it before it would wait.
bool recall(Registry& registry, const base::Address& address, const PlanPtr& by) {
  const auto origin = registry.recall_origin(address, by);
  const auto network = registry.recall_network(address, Rir::ripencc, by);
  if (!origin || !network || !origin->value.find() || !network->value.find()) return false;
  const auto name = registry.recall_as_name(origin->value.find()->as_numbers.front(), by);
  return name && name->value.find();
}

loop::Task<void> find(Registry& registry, base::Address address, PlanPtr by, std::size_t& found) {
  const auto origin = co_await registry.find_origin(address, by);
  const Rir rir = Rir::ripencc;
  const auto network = co_await registry.find_network(address, rir, by);
  if (!origin.value.find() || !network.value.find()) co_return;
  const std::uint32_t number = origin.value.find()->as_numbers.front();
  const auto name = co_await registry.find_as_name(number, by);
  found += name.value.find() != nullptr;
}

// Logins, of which each of `clients` has one at a time.
struct Side {
  Registry& registry;
  Addresses logins;
  std::size_t count, clients;  // logins a round
  bool recalls = false;        // what it does not find then is missing
  PlanPtr by = plan();
  std::size_t next = 0, found = 0, left = 0;  // of the round; next: of `logins`

  static loop::Task<void> log_in(Side& self) {
    while (self.left > 0) {
      self.left--;
      const base::Address address = self.logins[self.next++ % self.logins.size()];
      if (self.recalls) {
        self.found += recall(self.registry, address, self.by);
        continue;
      }
      auto finding = find(self.registry, address, self.by, self.found);
      co_await finding;
    }
  }
  double microseconds() {  // of a login
    found = 0;
    left = count;
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < clients; i++) loop::spawn(log_in(*this));
    while (loop::roots() > 0) uv_run(uv_default_loop(), UV_RUN_ONCE);
    const std::chrono::duration<double, std::micro> time = Clock::now() - begin;
    if (found != count) {
      std::fprintf(stderr, "cells: %zu of %zu were found\n", found, count);
      std::exit(1);
    }
    return time.count() / static_cast<double>(count);
  }
};

void measure(const std::string& name, int rounds, Side few_cells, Side many_cells) {
  few_cells.microseconds();
  many_cells.microseconds();
  for (int round = 0; round < rounds; round++)
    std::printf("%s floor=%.3f ours=%.3f\n", name.c_str(), few_cells.microseconds(),
                many_cells.microseconds());
}

double bytes_used() {  // of real memory
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void tell_memory(const std::string& name, std::size_t cells, double bytes) {
  std::printf("memory_%s cells=%zu bytes_a_cell=%.0f\n", name.c_str(), cells,
              bytes / static_cast<double>(cells));
}

void in_process(int rounds, std::size_t many, std::size_t shared) {
  const std::string name = shared == 1 ? "cells" : "cells-shared";
  constexpr std::size_t count = 200'000;
  World world;
  world.shared = shared;
  Registry registry_few(uv_default_loop(), world.askers(), nullptr, many);
  Registry registry_many(uv_default_loop(), world.askers(), nullptr, many);
  for (const bool all : {false, true}) {
    Registry& registry = all ? registry_many : registry_few;
    const std::size_t cells = all ? many : few;
    const double before = bytes_used();
    std::size_t found = 0;
    for (world.cell = 0; world.cell < cells; world.cell++)  // nobody waits: it is told at once
      loop::spawn(find(registry, address_in(world.cell, 1), plan(), found));
    tell_memory(name, cells, bytes_used() - before);
  }
  for (const bool recalls : {false, true}) {
    Side few_cells{registry_few, logins_from(few, few), count, 1, recalls};
    Side many_cells{registry_many, logins_from(many, many), count, 1, recalls};
    measure(cat(name, recalls ? "-recalled" : ""), rounds, few_cells, many_cells);
  }
}

// As many as clients::Redis takes at a time, and then one that is waited for.
loop::Task<void> fill(Shelf& shelf, World& world, std::size_t cells) {
  constexpr std::size_t at_a_time = 2'000;
  const WallTime now = std::chrono::system_clock::now();
  const std::chrono::hours kept{24};
  for (world.cell = 0; world.cell < cells; world.cell++) {
    const base::Address first = address_in(world.cell, 0);
    const CellId id(first);
    NetworkWord word;
    word.network.first = first;
    word.network.last = world.last_address();
    word.from = "rdap.db.ripe.net";
    word.network.name = world.name();
    word.network.country = std::string("DE");
    word.network.entities = std::vector<std::string>{world.handle(), "X-MNT"};
    Origin origin{{world.system()}, {}, "DE", "ripencc"};
    origin.prefix = *base::parse_network(cat(base::text_of(first), "/24"));
    shelf.write(id.key(),
                {{std::string(origin_field), value_of(Fact<Origin>(std::move(origin)), now)},
                 {network_field(id, word.range()), value_of(word, now)}},
                kept);
    const Fact<std::string> name(std::string("EXAMPLE-AS Example Networks, DE"));
    if (world.cell < systems)
      shelf.write(as_key(world.system()), {{std::string(as_name_field), value_of(name, now)}},
                  kept);
    if (world.cell % at_a_time > 0) continue;
    auto reading = shelf.read(id.key());
    co_await reading;
  }
  auto reading = shelf.read("c4:none");
  co_await reading;
}

loop::Task<void> tell_redis_memory(clients::Redis& redis, double& bytes) {
  auto asking = redis.command({"INFO", "memory"});
  const auto answer = co_await asking;
  constexpr std::string_view name = "used_memory:";
  if (answer) bytes = std::atof(answer->text.c_str() + answer->text.find(name) + name.size());
}

loop::Task<void> pause(uv_loop_t* loop) {
  auto waiting = loop::sleep(loop, std::chrono::milliseconds(500));
  co_await waiting;
}

void in_redis(int rounds, std::size_t many, const char* socket) {
  // Every login reads: of what it remembers here, the next ones come too late to have any.
  constexpr std::size_t here = 256, most = 100'000;
  uv_loop_t* const loop = uv_default_loop();
  const auto wait = [&] {
    while (loop::roots() > 0) uv_run(loop, UV_RUN_ONCE);
  };
  auto options = config::default_options().redis;
  options.server = socket;
  options.query_time = std::chrono::seconds(10);
  clients::Redis redis(loop, options);
  World world;
  std::vector<std::unique_ptr<RedisShelf>> shelves;
  std::vector<std::unique_ptr<Registry>> registries;
  for (const std::size_t cells : {few, many}) {
    options.prefix = cat(cells, ":");
    shelves.push_back(std::make_unique<RedisShelf>(clients::make_redis(loop, options)));
    registries.push_back(std::make_unique<Registry>(loop, nobody(), shelves.back().get(), here));
    double before = 0, after = 0;
    loop::spawn(pause(loop));  // it connects
    wait();
    loop::spawn(tell_redis_memory(redis, before));
    wait();
    loop::spawn(fill(*shelves.back(), world, cells));
    wait();
    loop::spawn(tell_redis_memory(redis, after));
    wait();
    tell_memory("cells-redis", cells, after - before);
  }
  const auto side = [&](bool all, std::size_t count, std::size_t clients) {
    return Side{*registries[all], logins_from(all ? many : few, most), count, clients, false};
  };
  measure("cells-redis-1", rounds, side(false, 2'000, 1), side(true, 2'000, 1));
  measure("cells-redis", rounds, side(false, 20'000, 32), side(true, 20'000, 32));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  std::signal(SIGPIPE, SIG_IGN);
  const int rounds = std::atoi(argv[1]);
  const std::size_t many = std::strtoul(argv[2], nullptr, 10);
  if (argc == 4) {
    in_redis(rounds, many, argv[3]);
  } else {
    in_process(rounds, many, 16);
    in_process(rounds, many, 1);
  }
}
