// What the files of the registries cost: time to load them, memory while that goes on and after it,
// time of a lookup. Data are made up: a million delegated ranges and the names of all systems; with
// the argument `dumps` also four million networks of a registry's dump. A line of figures each.
// SPDX-License-Identifier: MIT

#include "cached/facts/seeds.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string_view>

#include "cached/base/text.h"

namespace {

using base::cat;
using facts::Seeds;

std::mt19937_64 engine(1);

std::uint64_t below(std::uint64_t limit) {
  return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine);
}

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Of this process, in MB: VmRSS, VmHWM.
double memory(std::string_view what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what)) return std::stod(line.substr(what.size() + 1)) / 1024;
  return 0;
}

std::string v4(std::uint64_t number) {
  return cat(number >> 24, ".", number >> 16 & 255, ".", number >> 8 & 255, ".", number & 255);
}

std::string v6(std::uint64_t number) {  // a /48 of 2000::/4, by its last 44 bits
  char text[40];
  std::snprintf(text, sizeof text, "2%03x:%x:%x::", static_cast<unsigned>(number >> 32 & 0xfff),
                static_cast<unsigned>(number >> 16 & 0xffff),
                static_cast<unsigned>(number & 0xffff));
  return text;
}

const char* country() {
  static constexpr const char* all[] = {"DE", "FR", "US", "BR", "ZA", "JP", "AU", "GB", "NL", ""};
  return all[below(std::size(all))];
}

// A fifth of the address space, no two neighbours of one holder.
void write_delegated(const std::string& directory, std::string_view name, int rir, int v4_ranges,
                     int v6_ranges) {
  std::ofstream file(cat(directory, "/delegated-", name, "-extended-latest"));
  file << "2|" << name << "|1|1|19830705|20260924|+0200\n"
       << name << "|*|ipv4|*|" << v4_ranges << "|summary\n"
       << name << "|*|ipv6|*|" << v6_ranges << "|summary\n";
  const std::uint64_t space = (std::uint64_t{1} << 32) / 5, step = space / v4_ranges;
  for (int i = 0; i < v4_ranges; i++)
    file << name << '|' << country() << "|ipv4|" << v4(space * rir + step * i) << '|'
         << below(step) + 1 << "|20100712|allocated|4a1e05e2-ea86-46af-9554-77e3b4ab3df5\n";
  for (int i = 0; i < v6_ranges; i++)
    file << name << '|' << country() << "|ipv6|" << v6(below(std::uint64_t{1} << 44))
         << "|48|20100712|assigned|4a1e05e2-ea86-46af-9554-77e3b4ab3df5\n";
}

void write_names(const std::string& directory) {
  std::ofstream file(directory + "/as-names.txt");
  for (int i = 1; i <= 130'000; i++)
    file << i << " NETWORK-" << i << "-AS Networks of Company " << i << " Limited, DE\n";
}

void write_dump(const std::string& directory, int v4_networks, int v6_networks) {
  std::ofstream file(directory + "/ripe.db.inetnum");
  const auto object = [&](std::ofstream& out, std::string_view key, const std::string& network) {
    out << key << network << "\nnetname:        CUSTOMER-" << below(2'000'000)
        << "-NET\ndescr:          A company that has some addresses\ncountry:        " << country()
        << "\nadmin-c:        DUMY-RIPE\ntech-c:         DUMY-RIPE\nstatus:         ASSIGNED PA\n"
           "mnt-by:         SOMEBODY-MNT\ncreated:        1970-01-01T00:00:00Z\n"
           "last-modified:  2020-02-18T14:20:22Z\nsource:         RIPE\nremarks:        ****\n\n";
  };
  for (int i = 0; i < v4_networks; i++) {
    const auto size = std::uint64_t{1} << below(16);
    const auto first = below((std::uint64_t{1} << 32) / size) * size;
    object(file, "inetnum:        ", cat(v4(first), " - ", v4(first + size - 1)));
  }
  std::ofstream file6(directory + "/ripe.db.inet6num");
  for (int i = 0; i < v6_networks; i++)
    object(file6, "inet6num:       ", v6(below(std::uint64_t{1} << 44)) + "/48");
}

std::shared_ptr<const Seeds> load(const char* what, const std::string& directory,
                                  const std::shared_ptr<const Seeds>& before = nullptr) {
  std::string warnings;
  malloc_trim(0);
  const double resident = memory("VmRSS:");
  std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM begins anew
  const auto begin = std::chrono::steady_clock::now();
  auto seeds = facts::open_seeds(directory, before, warnings);
  const double seconds = since(begin);
  const double untrimmed = memory("VmRSS:") - resident, peak = memory("VmHWM:") - resident;
  malloc_trim(0);  // as cached does after a reload
  if (!seeds) std::fputs(seeds.error().text.c_str(), stderr);
  if (!seeds) std::exit(1);
  std::printf("seeds what=%s load_s=%.2f resident_mb=%.1f before_trim_mb=%.1f peak_mb=%.1f\n", what,
              seconds, memory("VmRSS:") - resident, untrimmed, peak);
  return *seeds;
}

void look_up(const Seeds& seeds) {
  constexpr int lookups = 500'000;
  std::vector<base::Address> clients;
  for (int i = 0; i < lookups; i++)
    clients.push_back(*base::parse_address(i % 2 ? v4(below(std::uint64_t{1} << 32))
                                                 : v6(below(std::uint64_t{1} << 44))));
  int delegated = 0, networks = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& client : clients) {
    delegated += seeds.delegation(client).has_value();
    networks += seeds.network(client).has_value();
  }
  std::printf("seeds what=lookup ns=%.0f delegated=%.2f networks=%.2f\n",
              since(begin) / lookups * 1e9, 1.0 * delegated / lookups, 1.0 * networks / lookups);
}

}  // namespace

int main(int argc, char** argv) {
  std::string path = (std::filesystem::temp_directory_path() / "bench-seeds.XXXXXX").string();
  const std::string directory = mkdtemp(path.data());
  int rir = 0;
  for (const char* name : {"arin", "ripencc", "apnic", "lacnic", "afrinic"})
    write_delegated(directory, name, rir++, 120'000, 80'000);
  auto seeds = load("delegated-1000000", directory);
  write_names(directory);
  seeds = load("and-130000-names", directory, seeds);
  look_up(*seeds);
  seeds = load("nothing-has-changed", directory, seeds);
  if (argc > 1 && std::string_view(argv[1]) == "dumps") {
    write_dump(directory, 4'000'000, 1'000'000);
    seeds = load("and-5000000-networks", directory, seeds);
    look_up(*seeds);
  }
  std::filesystem::remove_all(directory);
}
