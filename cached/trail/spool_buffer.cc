// See spool_buffer.h. A slot is in use when it has a size, which is written last: whenever cached
// is killed, a row is there whole or not at all. Checksums tell what others did to the file.
// SPDX-License-Identifier: MIT

#include "cached/trail/spool_buffer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "cached/base/files.h"
#include "cached/base/log.h"
#include "cached/base/text.h"

namespace trail {

using base::cat;
using base::Error;
using base::Result;

// In the place of the first slot. The last byte of the format is another one when anything here has
// another form; the sizes may change without that.
struct SpoolBuffer::Header {
  char format[8];
  std::uint32_t slots;
  std::uint32_t slot_size;

  bool is_ours() const {
    return std::memcmp(format, "cpspool1", sizeof format) == 0 && slots > 0 && slots <= 1 << 20 &&
           slot_size >= 64 && slot_size <= 1 << 16 && slot_size % 64 == 0;
  }
  std::size_t size() const { return (std::size_t{slots} + 1) * slot_size; }

  // Room for nearly every row, and for about as many as [database] log_queue has in memory.
  static constexpr Header usual() {
    constexpr std::uint32_t all = 8 << 20, each = 640;
    return {{'c', 'p', 's', 'p', 'o', 'o', 'l', '1'}, all / each - 1, each};
  }
};

struct SpoolBuffer::Record {
  std::uint32_t size;  // of the body; 0: the slot is free
  std::uint32_t checksum;
  std::int64_t id;
  std::int64_t kind;

  char* body() { return reinterpret_cast<char*>(this + 1); }  // to the end of the slot
  std::uint32_t checksum_for(std::size_t body_size) const {
    const auto* bytes = reinterpret_cast<const Bytef*>(&id);
    const auto checked = sizeof(Record) - offsetof(Record, id) + body_size;
    return static_cast<std::uint32_t>(crc32_z(body_size, bytes, checked));
  }
};

namespace {

Error failure(const std::string& path, const std::string& what) {
  return Error{cat("buffer ", path, ": ", what)};
}

Error failure(const std::string& path, int code) { return failure(path, std::strerror(code)); }

// Nobody else may write to it: what is cut off a mapped file is a SIGBUS.
Result<int> open_file(const std::string& path) {
  const auto directory = base::refuse_world_writable(base::directory_of(path));
  if (!directory) return Error{cat("buffer ", directory.error().text)};
  base::Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat facts {};
  if (file.get() < 0 || fstat(file.get(), &facts) < 0) return failure(path, errno);
  if (!S_ISREG(facts.st_mode)) return failure(path, "is no file");
  if (facts.st_uid != geteuid()) return failure(path, "belongs to another user");
  if (facts.st_mode & (S_IWGRP | S_IWOTH)) return failure(path, "others can write to it");
  if (flock(file.get(), LOCK_EX | LOCK_NB) < 0) return failure(path, "another cached has it");
  return file.release();
}

}  // namespace

Result<std::unique_ptr<SpoolBuffer>> SpoolBuffer::open(const std::string& path) {
  const auto opened = open_file(path);
  if (!opened) return opened.error();
  base::Descriptor file(*opened);
  constexpr Header blank{}, usual = Header::usual();
  Header header = blank;
  if (pread(file.get(), &header, sizeof header, 0) < 0) return failure(path, errno);
  if (std::memcmp(&header, &blank, sizeof header) == 0) {
    header = usual;
  } else if (!header.is_ours()) {
    const std::string aside = path + ".unknown";
    if (std::rename(path.c_str(), aside.c_str()) < 0) return failure(path, errno);
    base::log::error(cat("buffer ", path, ": has an unknown format; it is ", aside, " now"));
    return open(path);
  }
  const int code = posix_fallocate(file.get(), 0, static_cast<off_t>(header.size()));
  if (code != 0) return failure(path, code);  // or later writes to a full tmpfs were a SIGBUS
  void* const mapped =
      mmap(nullptr, header.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return failure(path, errno);
  Memory memory(static_cast<char*>(mapped), Unmap{header.size()});
  std::memcpy(memory.get(), &header, sizeof header);
  return std::unique_ptr<SpoolBuffer>(
      new SpoolBuffer(path, file.release(), std::move(memory), header));
}

SpoolBuffer::SpoolBuffer(std::string path, int file, Memory memory, const Header& header)
    : path_(std::move(path)),
      file_(file),
      memory_(std::move(memory)),
      slots_(header.slots),
      slot_size_(header.slot_size) {
  free_.reserve(slots_);
}

void SpoolBuffer::Unmap::operator()(char* memory) const { munmap(memory, size); }

SpoolBuffer::Record& SpoolBuffer::at(Slot slot) const {
  return *reinterpret_cast<Record*>(memory_.get() + (slot + 1) * slot_size_);
}

std::size_t SpoolBuffer::room() const { return slot_size_ - sizeof(Record); }

std::vector<SpoolBuffer::Found> SpoolBuffer::read() {
  std::vector<Found> found;
  std::size_t damaged = 0;
  for (Slot slot = 0; slot < slots_; slot++) {
    Record& record = at(slot);
    const std::size_t size = record.size;
    const bool whole = size <= room() && record.checksum == record.checksum_for(size);
    if (size > 0 && whole) {
      found.push_back(
          {slot, {record.id, static_cast<Kind>(record.kind), std::string(record.body(), size)}});
      continue;
    }
    damaged += size > 0;
    remove(slot);
  }
  if (damaged > 0)
    base::log::error(cat("buffer ", path_, ": ", damaged, " damaged rows are left out"));
  return found;
}

std::optional<SpoolBuffer::Slot> SpoolBuffer::put(const SpoolRow& row) {
  if (free_.empty() || row.body.size() > room()) return std::nullopt;
  const Slot slot = free_.back();
  free_.pop_back();
  Record& record = at(slot);
  record.id = row.id;
  record.kind = static_cast<std::int64_t>(row.kind);
  std::memcpy(record.body(), row.body.data(), row.body.size());
  record.checksum = record.checksum_for(row.body.size());
  const auto size = static_cast<std::uint32_t>(row.body.size());
  std::atomic_ref(record.size).store(size, std::memory_order_release);
  return slot;
}

void SpoolBuffer::remove(Slot slot) {
  std::atomic_ref(at(slot).size).store(0, std::memory_order_relaxed);
  free_.push_back(slot);
}

}  // namespace trail
