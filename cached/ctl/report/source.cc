// See source.h. zlib reads compressed files and others alike.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "cached/base/text.h"
#include "cached/ctl/report/progress.h"

namespace ctl::report {
namespace {

using base::cat;
using base::Error;
using base::Result;

struct Close {
  void operator()(gzFile file) const { gzclose(file); }
};
using File = std::unique_ptr<gzFile_s, Close>;

// Hands on whole lines of what comes in pieces.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& line) : line_(line) {}

  void take(std::string_view piece) {
    while (!piece.empty()) {
      const auto end = piece.find('\n');
      const auto part = piece.substr(0, end);
      if (begun_.size() + part.size() <= longest_line)
        end != std::string_view::npos&& begun_.empty() ? hand_on(part) : keep(part);
      else
        skipping_ = true;
      if (end == std::string_view::npos) return;
      if (skipping_ || !begun_.empty()) finish();
      piece.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (skipping_)
      taken.too_long++;
    else if (!begun_.empty())
      hand_on(begun_);
    begun_.clear();
    skipping_ = false;
  }

  Taken taken;

 private:
  void keep(std::string_view part) {
    if (!skipping_) begun_ += part;
  }
  void hand_on(std::string_view line) {
    if (skipping_) return;
    taken.lines++;
    line_(line);
  }

  const std::function<void(std::string_view)>& line_;
  std::string begun_;
  bool skipping_ = false;
};

base::Status read_all(gzFile file, int fd, const std::string& name, Lines& lines) {
  struct stat about {};
  const bool has_size = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
  Progress progress(0, has_size ? about.st_size : 0);
  std::vector<char> buffer(256 << 10);
  for (;;) {
    const int got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    if (got < 0) {
      int number = 0;
      const char* const text = gzerror(file, &number);
      return Error{cat(name, ": ", number == Z_ERRNO ? std::strerror(errno) : text)};
    }
    if (got == 0) break;
    lines.take({buffer.data(), static_cast<std::size_t>(got)});
    progress.at(gzoffset(file));
  }
  lines.finish();
  return base::Done{};
}

}  // namespace

Result<Taken> read_lines(const std::string& name,
                         const std::function<void(std::string_view)>& line) {
  const int fd = name == "-" ? dup(STDIN_FILENO) : open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{cat(name, ": ", std::strerror(errno))};
  const File file(gzdopen(fd, "rb"));
  gzbuffer(file.get(), 256 << 10);
  Lines lines(line);
  const auto read = read_all(file.get(), fd, name, lines);
  if (!read) return read.error();
  return lines.taken;
}

}  // namespace ctl::report
