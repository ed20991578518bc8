// Opening an MMDB: a copy that nobody can change, and what is checked of it before libmaxminddb may
// see it.
// SPDX-License-Identifier: MIT

#include "cached/facts/mmdb.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "cached/base/descriptor.h"
#include "cached/base/text.h"
#include "cached/facts/mmdb_walk.h"

namespace facts {
namespace {

using base::cat;
using base::Descriptor;
using base::Done;
using base::Error;
using base::FileVersion;
using base::Result;
using base::Status;

// GeoIP2 Enterprise, the largest there is, has some 500 MB.
constexpr off_t most_bytes = off_t{1} << 30;

// By the specification: what the metadata is behind, and how far from the end at most.
constexpr std::string_view metadata_marker = "\xab\xcd\xefMaxMind.com";
constexpr off_t metadata_area = 128 * 1024;
constexpr int most_metadata_values = 4096;  // MaxMind's have 40

// Between the search tree and the data: 16 zero bytes, which are part of no record's offset.
constexpr std::uint64_t separator = 16;

Error system_error(std::string_view what) { return Error{cat(what, ": ", std::strerror(errno))}; }

Result<FileVersion> version_of(int file) {
  struct stat now {};
  if (fstat(file, &now) < 0) return system_error("cannot be looked at");
  if (!S_ISREG(now.st_mode)) return Error{"is not a file"};
  if (now.st_size > most_bytes) return Error{cat("is larger than ", most_bytes, " bytes")};
  return base::version_of(now);
}

// The library maps what it opens, and a mapped file that somebody truncates is a SIGBUS at the next
// lookup; one that is overwritten in place is half the old one and half the new. So it gets a copy
// in memory, sealed, that no later write reaches.
Status copy_and_seal(int file, int copy, off_t size) {
  off_t copied = 0;
  while (copied < size) {
    const auto now = sendfile(copy, file, nullptr, static_cast<std::size_t>(size - copied));
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return system_error("cannot be read");
    if (now == 0) return Error{"became shorter while it was read"};
    copied += now;
  }
  if (fcntl(copy, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
    return system_error("its copy cannot be sealed");
  return Done{};
}

// The number that the metadata has under that name, if it has the type the specification says.
std::optional<std::uint32_t> number(MMDB_s& metadata, const char* name, std::uint32_t type) {
  const char* const path[] = {name, nullptr};
  MMDB_entry_s start{&metadata, 0};
  MmdbValue value{};
  if (MMDB_aget_value(&start, &value, path) != MMDB_SUCCESS || value.type != type)
    return std::nullopt;
  return type == MMDB_DATA_TYPE_UINT16 ? value.uint16 : value.uint32;
}

// MMDB_open() reads all of "languages" and "description", whatever they are, and walks over the
// rest: nested or pointing to each other, they would take all stack or all memory.
bool is_modest(const MMDB_s& metadata) {
  MmdbWalk walk(metadata, most_metadata_values);
  const auto all = walk.read(0);
  walk.behind(all.offset);
  for (MmdbMembers member(walk, all); member.next();) {
    if (member.key != "languages" && member.key != "description") continue;
    for (MmdbMembers text(walk, member.value); text.next();)
      if (!is_text(text.value)) return false;
  }
  return !walk.failed();
}

// Before MMDB_open(), because that computes the size of the search tree in 32 bits: a node count
// that overflows them puts the data section gigabytes behind the file.
Status check_metadata(int copy, off_t size) {
  std::string tail(static_cast<std::size_t>(std::min(size, metadata_area)), '\0');
  const off_t tail_start = size - static_cast<off_t>(tail.size());
  if (pread(copy, tail.data(), tail.size(), tail_start) != static_cast<ssize_t>(tail.size()))
    return system_error("its copy cannot be read");
  const auto marker = tail.rfind(metadata_marker);
  if (marker == std::string::npos) return Error{"no MMDB, or truncated: it has no metadata"};
  const auto start = marker + metadata_marker.size();
  const Error bad{"corrupt: its metadata cannot be read"};
  // The library subtracts up to 4 from the size, unsigned, before it compares.
  if (tail.size() - start < 4) return bad;
  MMDB_s metadata{};
  metadata.data_section = reinterpret_cast<const std::uint8_t*>(tail.data()) + start;
  metadata.data_section_size = static_cast<std::uint32_t>(tail.size() - start);
  if (!is_modest(metadata)) return bad;

  const auto nodes = number(metadata, "node_count", MMDB_DATA_TYPE_UINT32);
  const auto record_bits = number(metadata, "record_size", MMDB_DATA_TYPE_UINT16);
  if (!nodes || !record_bits) return bad;
  const auto tree = std::uint64_t{*nodes} * *record_bits * 2 / 8;
  if (tree + separator > static_cast<std::uint64_t>(tail_start) + marker)
    return Error{cat("truncated or corrupt: its ", *nodes, " nodes are more than it has room for")};
  return Done{};
}

// Every record of every node, so that a file that is damaged is refused now and not found out by
// logins. The data are not read: a lookup reads its own, with care.
Status check_tree(const MMDB_s& library) {
  const auto is_sound = [&](std::uint8_t type, const MMDB_entry_s& entry) {
    return type != MMDB_RECORD_TYPE_INVALID &&
           (type != MMDB_RECORD_TYPE_DATA || entry.offset < library.data_section_size);
  };
  for (std::uint32_t i = 0; i < library.metadata.node_count; i++) {
    MMDB_search_node_s node;
    if (MMDB_read_node(&library, i, &node) != MMDB_SUCCESS ||
        !is_sound(node.left_record_type, node.left_record_entry) ||
        !is_sound(node.right_record_type, node.right_record_entry))
      return Error{cat("corrupt: node ", i, " of its search tree leads out of it")};
  }
  return Done{};
}

Result<MMDB_s> open_copy(int copy) {
  MMDB_s library{};
  const int status = MMDB_open(cat("/proc/self/fd/", copy).c_str(), MMDB_MODE_MMAP, &library);
  if (status != MMDB_SUCCESS) return Error{cat("cannot be used: ", MMDB_strerror(status))};
  return library;
}

Result<std::shared_ptr<const Mmdb>> load(const std::string& path, int file,
                                         const FileVersion& version) {
  const Descriptor copy(memfd_create("mmdb", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (copy.get() < 0) return system_error("no memory for a copy");
  const Status copied = copy_and_seal(file, copy.get(), version.size);
  if (!copied) return copied.error();
  const auto after = version_of(file);
  if (!after || *after != version) return Error{"changed while it was read"};
  const Status checked = check_metadata(copy.get(), version.size);
  if (!checked) return checked.error();
  const auto library = open_copy(copy.get());
  if (!library) return library.error();
  auto opened = std::make_shared<const Mmdb>(path, version, *library);
  const Status sound = check_tree(opened->library);
  if (!sound) return sound.error();
  return {std::move(opened)};
}

}  // namespace

Result<std::shared_ptr<const Mmdb>> open_mmdb(const std::string& path,
                                              const std::shared_ptr<const Mmdb>& before) {
  const auto refused = [&](const Error& why) { return Error{cat(path, ": ", why.text)}; };
  // Not to wait for the other end, should it be a pipe.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return refused(system_error("cannot open"));
  const auto version = version_of(file.get());
  if (!version) return refused(version.error());
  if (before && before->path == path && before->version == *version) return before;
  auto opened = load(path, file.get(), *version);
  if (!opened) return refused(opened.error());
  return opened;
}

}  // namespace facts
