// See seeds.h. Which files there may be; each is read by the reader of its kind, and is whole in
// itself.
// SPDX-License-Identifier: MIT

#include "cached/facts/seeds.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "cached/base/descriptor.h"
#include "cached/base/files.h"
#include "cached/base/text.h"
#include "cached/facts/as_names.h"
#include "cached/facts/bootstrap.h"
#include "cached/facts/delegated.h"
#include "cached/facts/inetnum.h"
#include "cached/facts/seed_text.h"

namespace facts {
namespace {

using base::cat;
using base::Descriptor;
using base::Error;
using base::Result;

template <class Table>
struct File {
  std::string path;
  std::string from;  // its name and the day it was written
  base::FileVersion version;
  Table table;
};
template <class Table>
using FilePtr = std::shared_ptr<const File<Table>>;  // null: there is none

struct Dump {
  Rir rir;
  const char* name;  // or this with .gz
};
constexpr Dump dumps[] = {
    {Rir::ripencc, "ripe.db.inetnum"},    {Rir::ripencc, "ripe.db.inet6num"},
    {Rir::apnic, "apnic.db.inetnum"},     {Rir::apnic, "apnic.db.inet6num"},
    {Rir::afrinic, "afrinic.db.inetnum"}, {Rir::afrinic, "afrinic.db.inet6num"},
    {Rir::afrinic, "afrinic.db"}};  // has all that AFRINIC has
constexpr std::size_t dump_count = std::size(dumps);

class Files final : public Seeds {
 public:
  std::optional<Delegation> delegation(const base::Address& address) const override {
    for (std::size_t i = 0; i < rir_count; i++)
      if (const auto country = country_by(i, address))
        return Delegation{static_cast<Rir>(i), *country};
    return std::nullopt;
  }

  Rir rir_of(const base::Address& address) const override {
    if (const auto holder = delegation(address)) return holder->rir;
    const auto& file = bootstrap[address.is_v4() ? 0 : 1];
    return file ? file->table.rir_of(address) : Rir::none;
  }

  std::string_view as_name(std::uint32_t number) const override {
    return as_names ? as_names->table.name_of(number) : std::string_view();
  }

  std::optional<Network> network(const base::Address& address) const override {
    return find_network(address).second;
  }

  std::string_view delegated_from(const base::Address& address) const override {
    for (std::size_t i = 0; i < rir_count; i++)
      if (country_by(i, address)) return delegated[i]->from;
    return {};
  }
  std::string_view as_names_from() const override {
    return as_names ? std::string_view(as_names->from) : std::string_view();
  }
  std::string_view networks_from(const base::Address& address) const override {
    const auto [file, network] = find_network(address);
    return network ? std::string_view(file->from) : std::string_view();
  }

  std::string listing() const override {
    std::string lines;
    const auto add = [&](const auto& file) {
      if (file) lines += cat(file->from, ": ", file->table.size(), " entries\n");
    };
    for (const auto& file : delegated) add(file);
    add(as_names);
    for (const auto& file : bootstrap) add(file);
    for (const auto& file : inetnums) add(file);
    return lines;
  }

  std::array<FilePtr<Delegated>, rir_count> delegated;
  std::array<FilePtr<Bootstrap>, 2> bootstrap;  // IPv4, IPv6
  FilePtr<AsNames> as_names;
  std::array<FilePtr<Inetnums>, dump_count> inetnums;

 private:
  std::optional<std::string_view> country_by(std::size_t rir, const base::Address& address) const {
    return delegated[rir] ? delegated[rir]->table.country_of(address) : std::nullopt;
  }

  // A registry's dump has something to say of addresses of others as well, and it is not true. Not
  // so when nobody knows whose they are.
  std::pair<const File<Inetnums>*, std::optional<Network>> find_network(
      const base::Address& address) const {
    const Rir rir = rir_of(address);
    for (std::size_t i = 0; i < dump_count; i++) {
      const auto& file = inetnums[i];
      if (!file || (rir != Rir::none && rir != dumps[i].rir)) continue;
      if (const auto network = file->table.find(address)) return {file.get(), network};
    }
    return {};
  }
};

std::string day_of(const timespec& time) {
  std::tm parts{};
  gmtime_r(&time.tv_sec, &parts);
  char day[16] = "";
  std::strftime(day, sizeof day, "%Y-%m-%d", &parts);
  return day;
}

class Loader {
 public:
  explicit Loader(const std::string& directory) : directory_(directory) {}

  // `read` makes a table of the lines. One of the names at most may be there.
  template <class Table, class Read>
  void load(FilePtr<Table>& now, const FilePtr<Table>& before, const std::string& name, Read read) {
    const std::string path = cat(directory_, "/", name);
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (file.get() < 0 && errno == ENOENT) return;
    found_++;
    struct stat facts {};
    const auto problem = look_at(file, facts);
    if (!problem.empty()) return complain(path, problem);
    if (now) return complain(path, cat("there is ", now->path, " too"));
    const auto version = base::version_of(facts);
    if (before && before->path == path && before->version == version) {
      now = before;
      return;
    }
    const int descriptor = ::dup(file.get());  // to look at it again
    const Descriptor again(descriptor);
    SeedText text(path, Descriptor(file.release()));
    auto table = read(text);
    if (!table) {
      errors_ += table.error().text;
      return;
    }
    if (fstat(again.get(), &facts) < 0 || base::version_of(facts) != version)
      return complain(path, "changed while it was read");
    now = std::make_shared<const File<Table>>(
        File<Table>{path, cat(name, " of ", day_of(facts.st_mtim)), version, std::move(*table)});
  }

  int found() const { return found_; }
  const std::string& errors() const { return errors_; }

 private:
  static std::string look_at(const Descriptor& file, struct stat& facts) {
    if (file.get() < 0) return cat("cannot open: ", std::strerror(errno));
    if (fstat(file.get(), &facts) < 0) return cat("cannot look at it: ", std::strerror(errno));
    if (!S_ISREG(facts.st_mode)) return "not a plain file";
    if (facts.st_mode & S_IWOTH) return "refused, everybody can write to it";
    return "";
  }

  void complain(const std::string& path, std::string_view what) {
    errors_ += cat(path, ": ", what, "\n");
  }

  const std::string& directory_;
  int found_ = 0;
  std::string errors_;
};

void load_all(Loader& loader, Files& now, const Files& before) {
  for (std::size_t i = 1; i < rir_count; i++) {
    const Rir rir = static_cast<Rir>(i);
    loader.load(now.delegated[i], before.delegated[i],
                cat("delegated-", name_of(rir), "-extended-latest"),
                [&](SeedText& text) { return Delegated::read(text, rir); });
  }
  loader.load(now.as_names, before.as_names, "as-names.txt", AsNames::read);
  loader.load(now.bootstrap[0], before.bootstrap[0], "ipv4.json", Bootstrap::read);
  loader.load(now.bootstrap[1], before.bootstrap[1], "ipv6.json", Bootstrap::read);
  for (std::size_t i = 0; i < dump_count; i++)
    for (const char* end : {"", ".gz"})
      loader.load(now.inetnums[i], before.inetnums[i], cat(dumps[i].name, end), Inetnums::read);
}

}  // namespace

Result<std::shared_ptr<const Seeds>> open_seeds(const std::string& directory,
                                                const std::shared_ptr<const Seeds>& before,
                                                std::string& warnings) {
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) return Error{cat(directory, ": cannot open: ", std::strerror(errno), "\n")};
  const Files none;
  const auto* known = dynamic_cast<const Files*>(before.get());
  auto files = std::make_shared<Files>();
  Loader loader(directory);
  load_all(loader, *files, known ? *known : none);
  if (!loader.errors().empty()) return Error{loader.errors()};
  if (loader.found() == 0)
    warnings += cat(directory, ": has none of the files that update-registry fetches\n");
  return std::shared_ptr<const Seeds>(std::move(files));
}

}  // namespace facts
