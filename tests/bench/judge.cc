// What it costs to judge one login by lists, in one thread: with the lists of a directory, with
// one of networks alone and with empty ones, each with and without looking up what MaxMind knows.
// Usage: judge DIRECTORY EMPTY_DIRECTORY LOGINS CITY_MMDB ASN_MMDB ROUNDS; see lists.py for the
// first three. First a line for each list, then for each round a line of microseconds a login.
// SPDX-License-Identifier: MIT

#include "cached/rules/judge.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "cached/base/text.h"
#include "cached/facts/geo.h"
#include "cached/facts/sources.h"

namespace {

using base::cat;
using Words = std::vector<std::string>;

constexpr const char* types[] = {"ip_networks", "reverse_hostname", "as_names", "as_org"};
constexpr rules::Time now = 1'800'000'000;

struct Login {
  base::Address address;
  std::string host, system, company;
};

template <class T>
T must(base::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "judge: %s\n", result.error().text.c_str());
  std::exit(1);
}

std::vector<Login> read_logins(const char* path) {
  std::vector<Login> logins;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto word = [&](int n) { return std::string(base::part(line, '\t', n).value_or("")); };
    logins.push_back({base::parse_address(word(0)).value(), word(1), word(2), word(3)});
  }
  return logins;
}

// Seconds that this thread has run: what neighbours take does not count.
double processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// VmRSS or VmHWM of this process, in MiB.
double memory(const char* name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name))
      return std::strtod(line.c_str() + std::strlen(name) + 1, nullptr) / 1024;
  return 0;
}

std::shared_ptr<const rules::List> load(const std::string& directory, const std::string& type) {
  rules::ListSettings settings;
  settings.name = type;
  settings.type = rules::find_list_type(type);
  settings.path = cat(directory, "/", type, ".lst");
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak from here on
  const double before = memory("VmRSS:");
  const double begin = processor_time();
  auto list = must(rules::List::load(settings));
  if (list->size() == 0) return list;
  std::printf("list type=%s entries=%zu load_ms=%.0f resident_mib=%.1f peak_mib=%.1f\n",
              type.c_str(), list->size(), (processor_time() - begin) * 1e3,
              memory("VmRSS:") - before, memory("VmHWM:") - before);
  return list;
}

facts::Facts facts_of(const facts::Sources& sources, const Login& login) {
  auto facts = facts::look_up(sources, login.address);
  facts.reverse_names = Words{login.host};
  facts.as_names = std::vector{login.system};
  if (!facts.as_org.find()) facts.as_org = login.company;
  return facts;
}

// Judges all logins by the policy: with what is looked up about each, then by known facts alone.
void measure(const char* name, const rules::Policy& policy, const facts::Sources& sources,
             const std::vector<Login>& logins) {
  std::size_t refused = 0;
  double whole = 0, alone = 0;
  constexpr std::size_t batch = 1000;
  for (std::size_t first = 0; first < logins.size(); first += batch) {
    const std::span some(logins.data() + first, std::min(batch, logins.size() - first));
    const auto judge = [&](const facts::Facts& facts) {
      refused += rules::judge(policy, facts, now).is == rules::Judgement::Is::refused;
    };
    auto begin = processor_time();
    for (const Login& login : some) judge(facts_of(sources, login));
    whole += processor_time() - begin;
    std::vector<facts::Facts> known;
    for (const Login& login : some) known.push_back(facts_of(sources, login));
    begin = processor_time();
    for (const auto& facts : known) judge(facts);
    alone += processor_time() - begin;
  }
  const auto count = static_cast<double>(logins.size());
  std::printf(" %s_us=%.3f %s_judge_us=%.3f %s_refused=%.4f", name, whole / count * 1e6, name,
              alone / count * 1e6, name, static_cast<double>(refused) / 2 / count);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  facts::Sources sources;
  sources.city = must(facts::open_mmdb(argv[4], nullptr));
  sources.asn = must(facts::open_mmdb(argv[5], nullptr));
  rules::Policy full, empty, networks;
  for (const char* type : types) {
    full.lists.push_back(load(argv[1], type));
    empty.lists.push_back(load(argv[2], type));
  }
  networks = empty;
  networks.lists[0] = full.lists[0];
  const auto logins = read_logins(argv[3]);
  for (int i = std::atoi(argv[6]); i > 0; i--) {
    std::printf("round");
    measure("full", full, sources, logins);
    measure("networks", networks, sources, logins);
    measure("empty", empty, sources, logins);
    std::printf("\n");
  }
}
